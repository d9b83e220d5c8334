/// JSON Schemas of files for editors, made from the same declarations that decode them. Draft 7, of which
/// yaml-language-server knows every keyword.
///
/// A schema never refuses a file that can be read. It lets pass what only `roost check` knows: names
/// that do not exist, types, keys that exclude each other, and names longer than 63 bytes.
public struct JSONSchema: Sendable {
  private let kinds: [KindShape]
  private let beside: [KeyShape]

  /// - Parameters:
  ///   - kinds: of what a file may hold under a key of its kind.
  ///   - beside: keys that may stand beside that of any kind.
  package init(kinds: [KindShape], beside: [KeyShape]) {
    self.kinds = kinds
    self.beside = beside
  }

  /// The schema of a file with the keys of a record.
  public func document<T: Record>(of type: T.Type, title: String) -> JSONValue {
    var root = node(type.shape)
    root["$schema"] = "http://json-schema.org/draft-07/schema#"
    root["title"] = .string(title)
    root["description"] = .string(type.about)
    return .object(root)
  }

  private typealias Node = [String: JSONValue]

  private func node(_ shape: Shape) -> Node {
    switch shape {
    case .word(let word): self.word(word)
    case .choice(let names):
      // In YAML a null without quotes is no text.
      names.contains("null")
        ? [
          "type": .array(["string", "null"]), "enum": .array(names.map { .string($0) } + [.null]),
        ] : ["type": "string", "enum": .array(names.map { .string($0) })]
    case .list(let element):
      ["type": "array", "items": .object(node(element))]
    case .oneOrMany(let element):
      [
        "anyOf": .array([
          .object(node(element)),
          .object(["type": "array", "items": .object(node(element)), "minItems": 1]),
        ])
      ]
    case .either(let shape, let other):
      ["anyOf": .array([.object(node(shape)), .object(node(other))])]
    case .entries(let value, let name):
      [
        "type": "object",
        "patternProperties": .object([Self.pattern(name) ?? "": .object(node(value))]),
        "additionalProperties": false,
      ]
    case .record(let record): object(record.keys)
    case .oneOf(let cases): exactlyOne(of: cases, beside: [])
    case .ofAnyKind:
      exactlyOne(
        of: kinds.map {
          KeyShape(
            name: $0.name, about: $0.about, isRequired: false, preset: nil, shape: $0.shape)
        }, beside: beside)
    }
  }

  private func object(_ keys: [KeyShape]) -> Node {
    var node: Node = [
      "type": "object", "additionalProperties": false,
      "properties": .object(
        Dictionary(keys.map { ($0.name, .object(property($0))) }, uniquingKeysWith: { a, _ in a })),
    ]
    let required = keys.filter(\.isRequired).map { JSONValue.string($0.name) }
    if !required.isEmpty { node["required"] = .array(required) }
    return node
  }

  /// The keys stand side by side, so that an editor offers them all and names the one that is wrong;
  /// `oneOf` says only that it must be one.
  private func exactlyOne(of cases: [KeyShape], beside others: [KeyShape]) -> Node {
    var node = object(cases + others)
    node["oneOf"] = .array(cases.map { .object(["required": .array([.string($0.name)])]) })
    return node
  }

  private func property(_ key: KeyShape) -> Node {
    var node = node(key.shape)
    let preset = Self.preset(of: key)
    node["description"] = .string(key.about)
    var text = [key.about, key.remarks { "`\($0)`" }].filter { !$0.isEmpty }
      .joined(separator: "\n\n")
    if let kind = kinds.first(where: { $0.name == key.name }), case .record = key.shape,
      key.about == kind.about
    {
      text += "\n\n```yaml\n\(kind.example)\n```"
    }
    node["markdownDescription"] = .string(text)
    if let preset { node["default"] = preset }
    if key.isEarlierPlace { node["deprecationMessage"] = .string(key.about) }
    return node
  }

  private func word(_ word: WordShape) -> Node {
    let types = word.scalars.map { JSONValue.string($0.rawValue) }
    var node: Node = [
      "type": types.count == 1 ? types[0] : .array(types),
      "examples": .array([Self.value(of: word.value, as: word)]),
    ]
    if let pattern = Self.pattern(word) {
      node["pattern"] = .string(pattern)
      node["patternErrorMessage"] = .string("expected \(word.name), such as \(word.example)")
    }
    return node
  }

  /// The pattern of a word, which may have a parameter instead or in it.
  private static func pattern(_ word: WordShape) -> String? {
    word.pattern.map { #"(\#($0))|\$\{[^}]*\}"# }
  }

  /// The default as a value; nil where it is an empty list, or nothing.
  private static func preset(of key: KeyShape) -> JSONValue? {
    guard let preset = key.preset else { return nil }
    switch key.shape {
    case .word(let word): return value(of: preset, as: word)
    case .choice, .either(.choice, or: _): return .string(preset)
    default: return nil
    }
  }

  /// A text as YAML reads it where it stands without quotes.
  private static func value(of text: String, as word: WordShape) -> JSONValue {
    if word.scalars.contains(.integer) || word.scalars.contains(.number), let number = Int(text) {
      return .integer(number)
    }
    if word.scalars.contains(.boolean), let truth = Bool(text) { return .bool(truth) }
    return .string(text)
  }
}
