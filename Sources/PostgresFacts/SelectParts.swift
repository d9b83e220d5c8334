/// How the rows of a SELECT can be shared among connections.
public enum SelectParts: Sendable, Hashable {
  /// The SELECT wants all rows of a table, each of whose pages can be read by itself (a TID range scan,
  /// since Postgres 14).
  case pages(of: QualifiedName)
  /// In ranges of a column of whole numbers.
  case ranges(of: String)
}
