import Frames

/// Several relations with one key as one: the first decides the rows, and each of the others adds its row
/// with the same key, where it has one. Where one has several rows for a key, there are no rows at all.
public struct Alignment: Sendable {
  /// A column of an input, and what it is called.
  public struct Taken: Sendable, Hashable {
    /// The place of the input.
    public let input: Int
    public let column: String
    public let name: String

    public init(input: Int, column: String, name: String) {
      self.input = input
      self.column = column
      self.name = name
    }
  }

  /// In the first input; the others have columns of the same names.
  public let key: [String]
  /// What comes out beside the key.
  public var columns: [Taken]

  public init(by key: [String], columns: [Taken]) {
    self.key = key
    self.columns = columns
  }
}

extension Alignment {
  func shape(_ inputs: [RelationShape]) -> RelationShape {
    guard let first = inputs.first else { return RelationShape(schema: Schema(), key: key) }
    let fields = columns.compactMap { taken -> Field? in
      let input = inputs[taken.input]
      var field = input.found(
        taken.column, as: taken.name, isChosen: taken.input > 0 && input.chosenBy != nil)
      // There may be no row.
      if taken.input > 0 { field?.isNullable = true }
      return field
    }
    let probability = inputs.indices.lazy.compactMap { place in
      columns.first { $0.input == place && $0.column == inputs[place].probability }?.name
    }.first
    return RelationShape(
      schema: Schema(key.compactMap { first.schema[$0] } + fields), key: key,
      isRepeatable: inputs.allSatisfy(\.isRepeatable), chosenBy: first.chosenBy,
      probability: probability)
  }

  /// Of an input the columns that it takes where only some of what comes out are wanted; nil for all.
  func needs(of input: Int, _ wanted: Set<String>?) -> Set<String> {
    let taken = columns.filter { $0.input == input && wanted?.contains($0.name) != false }
    return Set(taken.map(\.column) + key)
  }

  func narrowed(to wanted: Set<String>) -> Alignment {
    Alignment(by: key, columns: columns.filter { wanted.contains($0.name) })
  }

  func lineage(_ inputs: [StageLineage]) -> StageLineage {
    var lineage: StageLineage = [:]
    for name in key { lineage[name] = inputs.first?[name] }
    for taken in columns { lineage[taken.name] = inputs[taken.input][taken.column] }
    return lineage
  }
}
