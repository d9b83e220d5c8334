import Frames

extension RelationShape {
  /// What is said of rows that are chosen by a column.
  public static func choice(by column: String) -> String {
    "'\(column)', which a SELECT works out from many rows"
  }

  /// What is said of rows that are chosen by columns, where one of these depends on other rows.
  public func choice(by columns: some Sequence<String>) -> String? {
    columns.sorted().first { schema[$0]?.isFromManyRows == true }.map(Self.choice)
  }
}
