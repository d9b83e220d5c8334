import Diagnostics
import PostgresFacts

/// A SELECT that a stage sends to a source.
public struct PlannedStatement: Sendable, Hashable {
  public let connection: String
  public let sql: String
  /// How several connections can read it; nil for one.
  public let parts: SelectParts?

  /// Rows that it may leave in the source, where its SQL ends so that a condition can follow.
  public let later: LaterRows?

  /// What is known of what it reads.
  public let scope: ReadingScope

  public init(
    connection: String, sql: String, parts: SelectParts? = nil, later: LaterRows? = nil,
    scope: ReadingScope = ReadingScope()
  ) {
    self.scope = scope
    self.connection = connection
    self.sql = sql
    self.parts = parts
    self.later = later
  }
}

/// Columns of a source that are left out because they cannot be read.
public struct UnreadColumns: Sendable {
  public let columns: [UnreadColumn]
  public let table: String
  public let place: SourceSpan?
  /// What Postgres or Roost says where they are wanted all the same.
  public let refusal: PostgresError

  public init(
    columns: [UnreadColumn], table: String, place: SourceSpan?, refusal: PostgresError
  ) {
    self.columns = columns
    self.table = table
    self.place = place
    self.refusal = refusal
  }
}
