import CLibpq

/// The isolation levels of Postgres.
public enum IsolationLevel: String, Sendable {
  case readCommitted = "READ COMMITTED"
  case repeatableRead = "REPEATABLE READ"
  case serializable = "SERIALIZABLE"
}

extension PostgresConnection {
  /// Runs `body` in a transaction: committed when it returns, rolled back when it throws. The body
  /// is synchronous and holds the actor, so no other task's statement can come in between.
  ///
  ///     try await connection.transaction { database in
  ///       try database.execute("INSERT INTO t VALUES ($1)", [1])
  ///     }
  ///
  /// A commit is not interrupted by cancellation once it is sent; `.connectionLost` during it leaves
  /// open whether it was done.
  public func transaction<Value: Sendable>(
    isolation: IsolationLevel = .readCommitted, readOnly: Bool = false,
    _ body: @Sendable (isolated PostgresConnection) throws -> Value
  ) throws -> Value {
    try begin(isolation: isolation, readOnly: readOnly)
    do {
      let value = try body(self)
      try commit()
      return value
    } catch {
      rollback()
      throw error
    }
  }

  /// - Parameters:
  ///   - script: statements that come before all others, each with its semicolon.
  ///   - staysSet: whether the settings hold also once a statement has failed, until the rollback:
  ///     otherwise the role's own bounds come back at once, and may end the session.
  func begin(
    isolation: IsolationLevel, readOnly: Bool, then script: String = "", staysSet: Bool = false
  ) throws(PostgresError) {
    if try openSession().isInTransaction {
      throw PostgresError(.statement, "a transaction is open already", location: location)
    }
    let begin = "BEGIN ISOLATION LEVEL \(isolation.rawValue)\(readOnly ? " READ ONLY" : "")"
    if settingsScope == .session, script.isEmpty {
      try run(begin)
      return
    }
    do {
      if settingsScope == .session {
        try execute(script: begin + ";" + script)
      } else {
        try set(
          "SET LOCAL", after: begin + ";" + script, then: staysSet ? "SAVEPOINT begun;" : "")
      }
    } catch {
      rollback()
      throw error
    }
  }

  private func commit() throws(PostgresError) {
    if Task.isCancelled { throw .cancelled(location: location) }
    let tag = try run("COMMIT", interruptible: false).tag
    // Postgres answers ROLLBACK where an error within was caught and the transaction went on.
    if tag != "COMMIT" {
      throw PostgresError(
        .statement, "the transaction was rolled back, since a statement in it had failed",
        sqlState: "25P02", location: location)
    }
  }

  /// Rolls back. Where that fails, the session is of no use and is closed, which rolls back too; the
  /// error that led here is the one to report.
  func rollback() {
    do {
      if try openSession().isInTransaction { try run("ROLLBACK", interruptible: false) }
    } catch {
      close()
    }
  }
}
