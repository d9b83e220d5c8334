import Diagnostics

/// One case of a `OneOf` with its keys, or its name alone, which leaves all of them out:
/// `algorithm: gradient_boosting`, or `algorithm: { gradient_boosting: { rounds: 200 } }`.
public struct OneOfByName<Value: OneOf>: Readable {
  public let value: Value
  /// Whether its name stands there without keys.
  public let isByName: Bool

  /// The value that stands for a key that is left out.
  public init(_ value: Value) {
    self.value = value
    isByName = true
  }

  private init(_ value: Value, isByName: Bool) {
    self.value = value
    self.isByName = isByName
  }

  private static var names: [String] { Value.cases.map(\.name) }

  public static var shape: Shape { .either(.choice(names), or: Value.shape) }
  public static var blank: Self { Self(Value.blank) }

  public static func read(_ node: YAMLNode, _ reader: Reader) -> Self? {
    if case .mapping(let pairs) = node.kind, pairs.count == 1 {
      return Value.read(node, reader).map { Self($0, isByName: false) }
    }
    guard let word = node.scalar, !node.isNull else {
      let second: YAMLNode? =
        if case .mapping(let pairs) = node.kind, pairs.count > 1 { pairs[1].key } else { nil }
      reader.report.error(
        .wrongShape, "expected exactly one of \(names.joined(separator: ", "))",
        at: (second ?? node).head,
        help: "write its name, or its name with keys: { \(names[0]): { … } }")
      return nil
    }
    guard let found = Value.cases.first(where: { $0.name == word.text }) else {
      reader.report.error(
        .wrongValue, "'\(word.excerpt)' is none of \(names.joined(separator: ", "))", at: word.span,
        help: Suggestion.nearest(to: word.text, in: names).map { "did you mean '\($0)'?" }
          ?? "write one of them")
      return nil
    }
    return found.read(YAMLNode(kind: .mapping([]), span: node.span), reader).map { Self($0) }
  }
}
