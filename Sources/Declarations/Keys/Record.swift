import Diagnostics

/// A mapping with fixed keys. Its one initializer is run twice: over a mapping it decodes, over
/// nothing it lists the keys; so decoding, checks and reference cannot drift apart.
public protocol Record: Readable {
  /// What it is, in one sentence.
  static var about: String { get }
  /// Reads every key with `keys("name", "What it is.")`. Must not branch on what it reads.
  init(_ keys: inout Keys)
}

/// Reads or lists the keys of a record.
public struct Keys {
  private let pairs: [(key: YAMLNode, value: YAMLNode)]
  private let reader: Reader?
  private let place: SourceSpan?
  package private(set) var shapes: [KeyShape] = []
  private var taken: Set<Int> = []
  /// Keys that must be there and are not.
  private var missing: [KeyShape] = []

  /// Lists keys.
  init() {
    pairs = []
    reader = nil
    place = nil
  }

  /// Reads keys of a mapping that is pointed at by `place`.
  package init(_ pairs: [(key: YAMLNode, value: YAMLNode)], at place: SourceSpan, _ reader: Reader)
  {
    self.pairs = pairs
    self.reader = reader
    self.place = place
  }

  /// A key that must be there.
  /// - Parameter such: an example of what it takes, as it would be written; that of its word where left out.
  public mutating func callAsFunction<T: Readable>(
    _ name: String, _ about: String, such: String? = nil
  ) -> T {
    take(name, about, isRequired: true, such: such) ?? T.blank
  }

  /// A key that may be left out.
  /// - Parameter shown: what stands for it then, as it would be written; nil where that is not one value.
  public mutating func callAsFunction<T: Readable>(
    _ name: String, _ about: String, such: String? = nil, shown: String? = nil,
    isEarlierPlace: Bool = false
  ) -> T? {
    take(name, about, preset: shown, such: such, isEarlierPlace: isEarlierPlace)
  }

  /// A key with a default, which `shown` gives as it would be written.
  public mutating func callAsFunction<T: Readable>(
    _ name: String, _ about: String, such: String? = nil, default preset: T,
    shown: String? = nil
  ) -> T {
    take(name, about, preset: shown ?? "\(preset)", such: such) ?? preset
  }

  private mutating func take<T: Readable>(
    _ name: String, _ about: String, isRequired: Bool = false, preset: String? = nil,
    such: String? = nil, isEarlierPlace: Bool = false
  ) -> T? {
    let key = KeyShape(
      name: name, about: about, isRequired: isRequired, preset: preset,
      shape: shape(T.self).showing(such),
      isEarlierPlace: isEarlierPlace)
    shapes.append(key)
    guard let reader else { return nil }
    let given = pairs.indices.filter { pairs[$0].key.scalar?.text == name }
    taken.formUnion(given)
    for again in given.dropFirst() {
      reader.report.error(
        .duplicateKey, "the key '\(name)' stands here twice", at: pairs[again].key.span,
        help: "remove one of them")
    }
    guard let first = given.first else {
      if isRequired { missing.append(key) }
      return nil
    }
    reader.key = pairs[first].key
    return T.read(pairs[first].value, reader)
  }

  /// The shape is only needed for listing, where it is asked of types all the way down.
  private func shape<T: Readable>(_ type: T.Type) -> Shape {
    reader == nil ? T.shape : .choice([])
  }

  /// A key as messages quote it. Where values are hidden, one without a value may be one itself.
  private func shown(_ pair: (key: YAMLNode, value: YAMLNode)) -> String? {
    guard let scalar = pair.key.scalar else { return nil }
    return pair.value.isNull ? scalar.excerpt : scalar.keyExcerpt
  }

  /// Reports every key that nothing asked for, and those that are missing. A misspelt key is not
  /// missing too.
  mutating func finish() {
    guard let reader else { return }
    let names = shapes.map(\.name)
    for place in pairs.indices where !taken.contains(place) {
      let key = pairs[place].key
      let text = key.scalar?.text ?? "…"
      reader.report.error(
        .unknownKey,
        text == "<<"
          ? "merge keys ('<<') are not supported"
          : "there is no key '\(shown(pairs[place]) ?? text)' here", at: key.head,
        help: text == "<<"
          ? "write the keys out"
          : reader.help(forUnknown: pairs[place]) ?? Suggestion.help(for: text, in: names))
      let meant = Suggestion.nearest(to: text, in: names)
      missing.removeAll { text == "<<" || $0.name == meant }
    }
    for key in missing {
      reader.report.error(
        .missingKey, "the key '\(key.name)' is missing", at: place, help: key.about)
    }
  }
}

extension Record {
  public static var shape: Shape {
    var keys = Keys()
    _ = Self(&keys)
    return .record(RecordShape(type: Self.self, about: about, keys: keys.shapes))
  }

  package static var keyNames: [String] {
    var keys = Keys()
    _ = Self(&keys)
    return keys.shapes.filter { !$0.isEarlierPlace }.map(\.name)
  }

  public static var blank: Self {
    var keys = Keys()
    return Self(&keys)
  }

  public static func read(_ node: YAMLNode, _ reader: Reader) -> Self? {
    guard case .mapping(let pairs) = node.kind else {
      reader.report.error(
        .wrongShape, "expected keys, found \(node.what)", at: node.head,
        help: "its keys are: \(keyNames.joined(separator: ", "))")
      return nil
    }
    let before = reader.report.errorCount
    var keys = Keys(pairs, at: node.head, reader)
    reader.enclosures.append(Enclosure(names: keyNames, keys: node.keys))
    defer { reader.enclosures.removeLast() }
    let record = Self(&keys)
    keys.finish()
    return reader.report.errorCount == before ? record : nil
  }
}
