import PostgresClient

/// Statements that were planned before a partition was there. One that takes its snapshot only after the
/// pointer has moved to that partition would find nothing where the pointer shows, so the pointer waits
/// for them; but not for long, since one that works for longer has its snapshot already.
struct ReadersInFlight: Sendable {
  let connection: PostgresConnection
  /// How long a statement may lie between its plan and its snapshot.
  var patience: Duration = .milliseconds(500)

  /// Returns when no statement that began before now uses the tables any more, or patience ends.
  func pass(_ tables: [QualifiedName]) async throws {
    guard !tables.isEmpty else { return }
    let names = Parameter.texts(try tables.map { try $0.sql })
    // Rows of this view are as old as its statement: the clock is asked once.
    guard
      let now = try await connection.query("SELECT clock_timestamp() AS now").first?.instant("now")
    else { return }
    let deadline = ContinuousClock.now + patience
    while ContinuousClock.now < deadline {
      let left = try await connection.query(
        """
        SELECT count(*) AS readers FROM pg_locks l JOIN pg_stat_activity a USING (pid)
        WHERE l.locktype = 'relation' AND l.mode = 'AccessShareLock'
          AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
          AND l.relation IN (SELECT to_regclass(t) FROM unnest($1::text[]) t)
          AND a.pid <> pg_backend_pid() AND coalesce(a.state, 'active') = 'active'
          AND coalesce(a.query_start, $2) <= $2
        """, [names, .instant(now)])
      if try left.first?.int("readers") == 0 { return }
      try await Task.sleep(for: .milliseconds(5))
    }
  }
}
