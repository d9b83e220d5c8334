import PostgresClient

/// How a table is changed that readers use. Whoever waits for a table of its own makes all later
/// readers wait behind it, so it waits for a moment only, again and again.
public struct LockPatience: Sendable {
  /// How long one try waits, and makes others wait.
  let attempt: Duration
  /// The pause after the first try; each further one is twice as long, up to `longestPause`.
  let firstPause: Duration
  let longestPause: Duration
  /// How long one try waits for rows that another transaction changes. Only who writes waits for us
  /// meanwhile.
  let rows: Duration
  /// When to give up.
  let total: Duration

  public init(
    attempt: Duration = .milliseconds(100), rows: Duration = .seconds(5),
    firstPause: Duration = .milliseconds(100), longestPause: Duration = .seconds(5),
    total: Duration = .seconds(60)
  ) {
    self.attempt = attempt
    self.rows = rows
    self.firstPause = firstPause
    self.longestPause = longestPause
    self.total = total
  }

  /// A table was in use for longer than a try.
  private struct Held: Error {
    let table: String
    let relation: QualifiedName
  }

  /// Why a try came to nothing that may go well the next time.
  private enum Obstacle: Error {
    case held(Held)
    /// Postgres gave up this transaction in favour of another.
    case conflict(any Error)
  }

  /// Runs a statement that needs a relation for itself, within `retrying`.
  /// - Parameter table: what the message calls it where it stays in use.
  func change(
    _ relation: QualifiedName, of table: String, by sql: String,
    on database: isolated PostgresConnection
  ) throws {
    try limit(attempt, database)
    do {
      try database.execute(sql)
    } catch {
      throw isInTheWay(error) ? Held(table: table, relation: relation) : error
    }
    try database.execute("SET LOCAL lock_timeout = 0")
  }

  /// Runs a statement over rows of a relation that others may be changing, within `retrying`.
  /// - Returns: the number of rows that it changed.
  func write(
    _ sql: String, to relation: QualifiedName, of table: String,
    on database: isolated PostgresConnection
  ) throws -> Int {
    try limit(rows, database)
    let count: Int
    do {
      count = try database.execute(overRows: sql)
    } catch {
      throw isInTheWay(error) ? Held(table: table, relation: relation) : error
    }
    try database.execute("SET LOCAL lock_timeout = 0")
    return count
  }

  private func limit(_ wait: Duration, _ database: isolated PostgresConnection) throws {
    let milliseconds = max(1, Int(wait / .milliseconds(1)))
    try database.execute("SET LOCAL lock_timeout = \(milliseconds)")
  }

  /// Whether a statement failed because of what other transactions hold: for too long, or in a circle.
  private func isInTheWay(_ error: PostgresError) -> Bool {
    error.isLockTimeout || error.sqlState == "40P01"
  }

  /// Runs a transaction, and runs it again as long as what it changes is in use, or Postgres gives it up in
  /// favour of another: SQLSTATE 40001 (serialization) and 40P01 (deadlock).
  /// - Throws: `RunError.heldTable`, or Postgres's error, where that goes on for too long.
  func retrying<Value: Sendable>(
    on connection: PostgresConnection,
    _ body: @Sendable (isolated PostgresConnection) throws -> Value
  ) async throws -> Value {
    try await retry(
      on: connection, pause: firstPause, until: ContinuousClock.now + total, body)
  }

  private func retry<Value: Sendable>(
    on connection: PostgresConnection, pause: Duration, until deadline: ContinuousClock.Instant,
    _ body: @Sendable (isolated PostgresConnection) throws -> Value
  ) async throws -> Value {
    switch try await attempt(on: connection, body) {
    case .success(let value): return value
    case .failure(let obstacle):
      guard ContinuousClock.now + pause < deadline else {
        switch obstacle {
        case .conflict(let error): throw error
        case .held(let held):
          throw RunError.heldTable(
            table: held.table, holders: try await holders(of: held.relation, connection))
        }
      }
      try await Task.sleep(for: pause)
      return try await retry(
        on: connection, pause: min(pause * 2, longestPause), until: deadline, body)
    }
  }

  private func attempt<Value: Sendable>(
    on connection: PostgresConnection,
    _ body: @Sendable (isolated PostgresConnection) throws -> Value
  ) async throws -> Result<Value, Obstacle> {
    do {
      return .success(try await connection.transaction(body))
    } catch let held as Held {
      return .failure(.held(held))
    } catch  where Self.isConflict(error) {
      return .failure(.conflict(error))
    }
  }

  private static func isConflict(_ error: any Error) -> Bool {
    let cause = (error as? PublicationFailure)?.error ?? error as? PostgresError
    return cause.map { $0.kind == .statement && ["40001", "40P01"].contains($0.sqlState) } ?? false
  }

  /// The sessions that use a relation or one of its partitions: never what they ask.
  private func holders(
    of relation: QualifiedName, _ connection: PostgresConnection
  ) async throws -> [String] {
    let rows = try await connection.query(
      """
      SELECT DISTINCT coalesce('pid ' || l.pid || coalesce(' of ' || a.usename, ''),
        'a prepared transaction') AS holder
      FROM pg_locks l LEFT JOIN pg_stat_activity a USING (pid)
      WHERE l.locktype = 'relation' AND l.granted AND l.pid IS DISTINCT FROM pg_backend_pid()
        AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
        AND l.relation IN (SELECT to_regclass($1) UNION ALL
          SELECT inhrelid FROM pg_inherits WHERE inhparent = to_regclass($1))
      ORDER BY 1
      """, [.text(try relation.sql)])
    return try rows.map { try $0.string("holder") }
  }
}
