import Frames

/// Puts rows of several relations with the same columns together, in the order of their key.
public struct Union: Sendable {
  /// The column that names the relation of each row; nil where none does.
  public let source: String?
  /// What the relations are called in it.
  public let names: [String]

  public init(source: String?, names: [String]) {
    self.source = source
    self.names = names
  }

  func shape(_ inputs: [RelationShape]) -> RelationShape {
    guard var shape = inputs.first else { return RelationShape(schema: Schema([]), key: []) }
    var fields = shape.schema.fields.map { field in
      let all = inputs.compactMap { $0.schema[field.name] }
      var made = Field.made(field.name, field.type, from: all, about: field.about)
      made.labels = field.labels
      made.values =
        all.contains { $0.values == nil } ? nil : all.flatMap { $0.values ?? [] }.removingRepeats
      return made
    }
    if let source {
      fields.append(
        Field(
          source, .text, isNullable: false, values: names,
          about: "The stage that the row came from."))
      shape.key.append(source)
    }
    shape.schema = Schema(fields)
    shape.timeless = inputs.lazy.compactMap(\.timeless).first
    shape.isRepeatable = inputs.allSatisfy(\.isRepeatable)
    shape.chosenBy = inputs.lazy.compactMap(\.chosenBy).first
    shape.probability = nil
    shape.companions = [:]
    return shape
  }
}
