import Frames
import Relations

extension Frame {
  /// A column that a plan counts on. Where one could be missing, nothing may go on as if it said nothing.
  /// - Throws: `StageFailure` where it is not there.
  public func column(_ name: String) throws -> Column {
    guard let column = self[name] else {
      throw StageFailure(
        "the rows have no column \(name), on which the stage counts",
        help: "this is a mistake in roost")
    }
    return column
  }
}

extension StageFailure {
  /// A column of another type than the plan counts on.
  static func wrongColumn(_ name: String, _ expected: String, found: ColumnType) -> StageFailure {
    StageFailure(
      "the rows' column \(name) is of type \(found.sqlName), and the stage counts on \(expected)",
      help: "this is a mistake in roost")
  }
}
