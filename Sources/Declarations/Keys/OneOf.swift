import Diagnostics

/// A mapping with exactly one key, which says what the value is: `- reject: { … }`.
public protocol OneOf: Readable {
  static var cases: [Case<Self>] { get }
}

/// One key of a `OneOf`.
public struct Case<Owner: OneOf>: Sendable {
  let name: String
  let about: String
  let shape: @Sendable () -> Shape
  let blank: @Sendable () -> Owner
  let read: @Sendable (YAMLNode, Reader) -> Owner?

  /// - Parameter such: an example of what it takes; that of its word where left out.
  public init<T: Readable>(
    _ name: String, _ about: String, such: String? = nil, _ make: @escaping @Sendable (T) -> Owner
  ) {
    self.name = name
    self.about = about
    shape = { T.shape.showing(such) }
    blank = { make(T.blank) }
    read = { node, reader in T.read(node, reader).map(make) }
  }

  /// A case that another `OneOf` has too, with what it says there.
  public init<Other: OneOf>(
    _ other: Case<Other>, _ make: @escaping @Sendable (Other) -> Owner
  ) {
    name = other.name
    about = other.about
    shape = other.shape
    blank = { make(other.blank()) }
    read = { node, reader in other.read(node, reader).map(make) }
  }
}

extension OneOf {
  public static var shape: Shape {
    .oneOf(
      cases.map {
        KeyShape(name: $0.name, about: $0.about, isRequired: false, preset: nil, shape: $0.shape())
      })
  }

  public static var blank: Self { cases[0].blank() }

  public static func read(_ node: YAMLNode, _ reader: Reader) -> Self? {
    let names = cases.map(\.name)
    guard case .mapping(let pairs) = node.kind, let pair = pairs.first, pairs.count == 1 else {
      var at = node.head
      if case .mapping(let pairs) = node.kind, pairs.count > 1 { at = pairs[1].key.head }
      reader.report.error(
        .wrongShape, "expected exactly one of \(names.joined(separator: ", "))", at: at,
        help: "write each as an entry of its own, such as - \(names[0]): …")
      return nil
    }
    let name = pair.key.scalar?.text ?? "…"
    if let found = cases.first(where: { $0.name == name }) { return found.read(pair.value, reader) }
    reader.report.error(
      .unknownKey, "there is no '\(pair.key.scalar?.keyExcerpt ?? name)' here", at: pair.key.head,
      help: Suggestion.help(for: name, in: names))
    return nil
  }
}
