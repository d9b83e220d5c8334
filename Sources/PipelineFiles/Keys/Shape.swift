/// What a value in a pipeline file looks like, for the reference, for editors and for suggestions.
/// Comes from the same declaration that decodes the value.
public indirect enum Shape: Sendable {
  case word(WordShape)
  case choice([String])
  case list(Shape)
  /// One value or a list of them.
  case oneOrMany(Shape)
  /// Names that the author chooses, each with a value.
  case entries(Shape)
  case record(RecordShape)
  /// Exactly one of these keys.
  case oneOf([KeyShape])
}

/// A value written as one scalar.
public struct WordShape: Sendable {
  /// What it is called in messages: "a duration".
  public let name: String
  public let example: String

  public init(name: String, example: String) {
    self.name = name
    self.example = example
  }
}

public struct RecordShape: Sendable {
  public let about: String
  public let keys: [KeyShape]
}

public struct KeyShape: Sendable {
  public let name: String
  public let about: String
  public let isRequired: Bool
  /// The default as it would be written, where there is one.
  public let preset: String?
  public let shape: Shape
}
