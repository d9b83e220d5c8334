/// What a SELECT reads, as it is planned now.
public struct StatementReading: Sendable, Hashable {
  /// Identities of the tables, views and partitions that it reads.
  public let relations: Set<Int>
  /// Of these what no snapshot holds for, in words: `shop.f, a foreign table`.
  public let unprotected: [String]
  /// How Postgres would run it: `EXPLAIN (VERBOSE, FORMAT JSON)`.
  public let plan: String
  /// The same where something stands for the as-of that is no constant; nil where Postgres refuses that.
  public let dated: String?
  /// The materialized views that it reads.
  public let materialized: [MaterializedView]
  /// Columns that show a table's column as it is, be it through views.
  public let plainColumns: Set<String>

  package init(
    relations: Set<Int>, unprotected: [String], plan: String, dated: String?,
    materialized: [MaterializedView], plainColumns: Set<String>
  ) {
    self.relations = relations
    self.unprotected = unprotected
    self.plan = plan
    self.dated = dated
    self.materialized = materialized
    self.plainColumns = plainColumns
  }
}

/// A materialized view that a SELECT reads.
public struct MaterializedView: Sendable, Hashable {
  /// How Postgres would run its definition; nil where this role cannot be told.
  public let plan: String?
  /// Columns of the SELECT that show a column of the view as it is, each with that column's place.
  public let columns: [String: Int]

  package init(plan: String?, columns: [String: Int]) {
    self.plan = plan
    self.columns = columns
  }
}
