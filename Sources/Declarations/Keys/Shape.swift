/// What a value in a pipeline file looks like, for the reference, for editors and for suggestions.
/// Comes from the same declaration that decodes the value.
public indirect enum Shape: Sendable {
  case word(WordShape)
  case choice([String])
  case list(Shape)
  /// One value or a list of them.
  case oneOrMany(Shape)
  /// One of two, told apart by what YAML calls them: a list, a scalar, a mapping.
  case either(Shape, or: Shape)
  /// Names that the author chooses, each with a value.
  case entries(Shape, by: WordShape)
  case record(RecordShape)
  /// Exactly one of these keys.
  case oneOf([KeyShape])
  /// A thing under the key of its kind, beside keys that all of them may have; which kinds there are, only
  /// its reader knows. With what it is called: "a stage".
  case ofAnyKind(String)
}

/// A value written as one scalar.
public struct WordShape: Sendable {
  /// What it is called in messages: "a duration".
  public let name: String
  /// As it is written in YAML, in quotes where it needs them.
  public let example: String
  /// What every text that is one matches, as a regular expression that JavaScript, Python and Swift
  /// read alike; nil where any text may be one.
  public let pattern: String?
  /// What YAML may take it for when it stands there without quotes.
  public let scalars: [YAMLScalar]

  public init(
    name: String, example: String, pattern: String? = nil, scalars: [YAMLScalar] = YAMLScalar.all
  ) {
    self.name = name
    self.example = example
    self.pattern = pattern
    self.scalars = scalars
  }

  /// The example without the quotes that it needs in YAML.
  public var value: String {
    guard let quote = example.first, quote == "'" || quote == "\"", example.last == quote,
      example.count > 1
    else { return example }
    return String(example.dropFirst().dropLast())
  }
}

/// A type that YAML gives to a scalar; the names are those of JSON Schema.
public enum YAMLScalar: String, Sendable {
  case string, integer, number, boolean, null

  public static let all: [YAMLScalar] = [.string, .number, .boolean]
  public static let allAndNull = all + [.null]
}

public struct RecordShape: Sendable {
  /// The type that decodes it.
  package let type: any Record.Type
  public let about: String
  public let keys: [KeyShape]
}

/// A kind of a thing that a file may hold, under the key of its name.
package struct KindShape: Sendable {
  package let name: String
  package let about: String
  package let shape: Shape
  package let example: String

  package init(name: String, about: String, shape: Shape, example: String) {
    self.name = name
    self.about = about
    self.shape = shape
    self.example = example
  }
}

public struct KeyShape: Sendable {
  public let name: String
  public let about: String
  public let isRequired: Bool
  /// The default as it would be written, where there is one.
  public let preset: String?
  public let shape: Shape
  /// Whether it stands here for files of earlier versions, so that nobody is sent to it.
  public var isEarlierPlace = false
}

extension KeyShape {
  /// Whether it must be there, its default, and what it takes, in words.
  /// - Parameter code: how a piece of YAML is set apart from the words.
  package func remarks(code: (String) -> String) -> String {
    var parts: [String] = []
    if isRequired { parts.append("Required.") }
    if let preset { parts.append("Default: \(code(preset)).") }
    if case .record = shape {} else { parts.append("Takes \(shape.takes(code: code)).") }
    return parts.joined(separator: " ")
  }
}

extension Shape {
  /// The same with another example of what stands in it.
  func showing(_ example: String?) -> Shape {
    guard let example else { return self }
    switch self {
    case .word(let word):
      return .word(
        WordShape(
          name: word.name, example: example, pattern: word.pattern, scalars: word.scalars))
    case .list(let element): return .list(element.showing(example))
    case .oneOrMany(let element): return .oneOrMany(element.showing(example))
    case .either(let shape, let other): return .either(shape.showing(example), or: other)
    case .entries(let value, let name): return .entries(value.showing(example), by: name)
    case .choice, .record, .oneOf, .ofAnyKind: return self
    }
  }

  /// The keys of a value of this shape; none where it has no fixed ones.
  package var keys: [KeyShape] {
    switch self {
    case .record(let record): record.keys
    case .oneOf(let cases): cases
    default: []
    }
  }

  /// What stands in lists and under names, with how a path writes them: `[]`, `.NAME`.
  package var innermost: (shape: Shape, suffix: String) {
    switch self {
    case .list(let element), .oneOrMany(let element):
      let (inner, suffix) = element.innermost
      return (inner, "[]" + suffix)
    case .entries(let value, _):
      let (inner, suffix) = value.innermost
      return (inner, ".NAME" + suffix)
    case .either(let shape, let other):
      // A list may stand for keys; the keys are what there is to tell.
      let (inner, suffix) = other.innermost
      return inner.keys.isEmpty ? shape.innermost : (inner, suffix)
    default: return (self, "")
    }
  }

  /// What a key of this shape takes, in words.
  /// - Parameter code: how a piece of YAML is set apart from the words.
  package func takes(code: (String) -> String) -> String {
    switch self {
    case .word(let word): "\(word.name), such as \(code(word.example))"
    case .choice(let names): names.map(code).joined(separator: " or ")
    case .list(let element): "a list: \(element.takes(code: code))"
    case .oneOrMany(let element): "one or a list: \(element.takes(code: code))"
    case .either(let shape, let other): "\(shape.takes(code: code)); or \(other.takes(code: code))"
    case .entries(let value, let name):
      (name.name == Name.word.name ? "names" : "names such as \(code(name.example))")
        + ", each with \(value.takes(code: code))"
    case .record: "keys"
    case .oneOf: "one of the keys below"
    case .ofAnyKind(let what): what
    }
  }
}
