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
  /// When to give up waiting for other runs that load or publish.
  let turns: Duration

  public init(
    attempt: Duration = .milliseconds(100), rows: Duration = .seconds(5),
    firstPause: Duration = .milliseconds(100), longestPause: Duration = .seconds(5),
    total: Duration = .seconds(60), turns: Duration = .seconds(1800)
  ) {
    self.attempt = attempt
    self.rows = rows
    self.firstPause = firstPause
    self.longestPause = longestPause
    self.total = total
    self.turns = turns
  }

  /// Something was in use for longer than a try.
  fileprivate struct Held: Error {
    enum What: Sendable {
      case relation(QualifiedName, NeededLock)
      /// The name of an advisory lock.
      case turn(String)
    }
    /// What the message calls it.
    let table: String
    let what: What
  }

  /// Waits until no other run does what this one is about to do, within `retrying`; until the transaction
  /// ends, none begins.
  /// - Parameters:
  ///   - turn: the name of the advisory lock.
  ///   - table: what the messages call it.
  package func take(
    turn: String, of table: String, on database: isolated PostgresConnection
  ) throws {
    try limit(rows, database)
    do {
      try database.query(
        "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", [.text(turn)])
    } catch {
      throw isInTheWay(error) ? Held(table: table, what: .turn(turn)) : error
    }
    try limit(total, database)
  }

  /// Why a try came to nothing that may go well the next time.
  private enum Obstacle: Error {
    case held(Held)
    /// Postgres gave up this transaction in favour of another.
    case conflict(any Error)
  }

  /// Runs a statement that needs a relation for itself, within `retrying`.
  /// - Parameters:
  ///   - table: what the message calls it where it stays in use.
  ///   - need: the lock that it takes.
  package func change(
    _ relation: QualifiedName, of table: String, needing need: NeededLock = .accessExclusive,
    by sql: String, on database: isolated PostgresConnection
  ) throws {
    try change(relation, of: table, needing: need, on: database) { database throws(PostgresError) in
      try database.execute(sql)
    }
  }

  /// Does something that needs a relation for itself, within `retrying`.
  package func change(
    _ relation: QualifiedName, of table: String, needing need: NeededLock = .accessExclusive,
    on database: isolated PostgresConnection,
    by work: (isolated PostgresConnection) throws(PostgresError) -> Void
  ) throws {
    try limit(attempt, database)
    do {
      try work(database)
    } catch {
      throw isInTheWay(error) ? Held(table: table, what: .relation(relation, need)) : error
    }
    try limit(total, database)
  }

  /// Runs a statement over rows of a relation that others may be changing, within `retrying`.
  /// - Returns: the number of rows that it changed.
  package func write(
    _ sql: String, to relation: QualifiedName, of table: String,
    on database: isolated PostgresConnection
  ) throws -> Int {
    try limit(rows, database)
    let count: Int
    do {
      count = try database.execute(overRows: sql)
    } catch {
      throw isInTheWay(error) ? Held(table: table, what: .relation(relation, .rows)) : error
    }
    try limit(total, database)
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
  /// - Parameter tell: is called once with who is in the way.
  /// - Throws: `StayedInUse`, or Postgres's error, where that goes on for too
  ///   long.
  package func retrying<Value: Sendable>(
    on connection: PostgresConnection, tell: @Sendable (String) -> Void = { _ in },
    _ body: @Sendable (isolated PostgresConnection) throws -> Value
  ) async throws -> Value {
    let start = ContinuousClock.now
    var pause = firstPause
    var isTold = false
    while true {
      switch try await attempt(on: connection, body) {
      case .success(let value): return value
      case .failure(.conflict(let error)):
        guard ContinuousClock.now + pause < start + total else { throw error }
      case .failure(.held(let held)):
        let end = start + (held.isTurn ? turns : total)
        let isLate = ContinuousClock.now + pause >= end
        if isLate || !isTold && ContinuousClock.now > start + firstPause * 20 {
          let holders = try await holders(of: held.what, connection)
          guard !isLate else { throw held.error(holders) }
          tell("waits for \(held.table), which is in use\(StayedInUse.by(holders))")
          isTold = true
        }
      }
      try await Task.sleep(for: pause)
      pause = min(pause * 2, longestPause)
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
    let cause = (error as? any CausedByPostgres)?.error ?? error as? PostgresError
    return cause.map { $0.kind == .statement && ["40001", "40P01"].contains($0.sqlState) } ?? false
  }

  /// Who is in the way.
  private func holders(
    of what: Held.What, _ connection: PostgresConnection
  ) async throws -> [String] {
    switch what {
    case .relation(let relation, let need):
      try await connection.holders(of: relation, against: need)
    case .turn(let name): try await connection.holders(ofTurn: name)
    }
  }
}

/// An error that says what Postgres refused, of which part of a run.
package protocol CausedByPostgres: Error {
  var error: PostgresError { get }
}

extension LockPatience.Held {
  fileprivate var isTurn: Bool {
    if case .turn = what { true } else { false }
  }

  fileprivate func error(_ holders: [String]) -> StayedInUse {
    isTurn ? .turn(table, holders: holders) : .table(table, holders: holders)
  }
}
