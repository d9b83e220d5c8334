import Frames

extension Frame {
  /// A column that a plan counts on. Where one could be missing, nothing may go on as if it said nothing.
  /// - Throws: `StageFailure` where it is not there.
  public func column(_ name: String) throws -> Column {
    guard let column = self[name] else { throw StageFailure.missingColumn(name) }
    return column
  }

  /// Columns that a plan counts on, such as those of a key.
  public func columns(_ names: [String]) throws -> [Column] { try names.map(column) }

  /// The values of a column that a plan counts on to be held in 64 bits.
  public func wholeNumbers(_ name: String) throws -> [Int64] {
    let column = try column(name)
    guard case .int64(let values) = column.values else {
      throw StageFailure.wrongColumn(name, "a whole number or a time", found: column.type)
    }
    return values
  }
}

extension StageFailure {
  /// No column of a name that a plan counts on.
  public static func missingColumn(_ name: String) -> StageFailure {
    StageFailure(
      "the rows have no column \(name), on which the stage counts",
      help: "this is a mistake in roost")
  }

  /// A column of another type than the plan counts on.
  public static func wrongColumn(
    _ name: String, _ expected: String, found: ColumnType
  ) -> StageFailure {
    StageFailure(
      "the rows' column \(name) is of type \(found.sqlName), and the stage counts on \(expected)",
      help: "this is a mistake in roost")
  }
}
