import PostgresClient
import TestSupport
import Testing

@testable import Runs

/// Statements that were planned before a partition was there.
@Suite struct ReadersInFlightTests {
  private static let table = QualifiedName(schema: "public", name: "read")

  private func wait(_ database: TestDatabase, for rows: String) async throws {
    let deadline = ContinuousClock.now + .seconds(240)
    while ContinuousClock.now < deadline {
      if try await database.connection.query("SELECT EXISTS (\(rows))")[0].bool(0) { return }
      try await Task.sleep(for: .milliseconds(2))
    }
    Issue.record("waited in vain for: \(rows)")
  }

  /// How many of the statements under way use the table.
  private func readers(_ database: TestDatabase) async throws -> Int {
    try await database.connection.query(
      """
      SELECT count(*) FROM pg_locks WHERE relation = 'read'::regclass AND pid <> pg_backend_pid()
      """)[0].int(0)
  }

  @Test func `those under way are waited for, but not for long, and others not at all`()
    async throws
  {
    try await withDatabase { database in
      let holder = try await database.connect()
      try await holder.execute(
        script: "CREATE TABLE read AS SELECT 1 AS i; SELECT pg_advisory_lock(7)")
      let reader = try await database.connect()
      let reading = Task { try await reader.query("SELECT i, pg_advisory_lock(7) FROM read") }
      try await wait(
        database, for: "SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
      let connection = try await database.connect()

      // One that goes on and on has its snapshot.
      let start = ContinuousClock.now
      try await ReadersInFlight(connection: connection, patience: .milliseconds(50))
        .pass([Self.table])
      #expect(ContinuousClock.now - start >= .milliseconds(50))
      #expect(try await readers(database) == 1)

      let passing = Task {
        try await ReadersInFlight(connection: connection, patience: .seconds(60))
          .pass([Self.table])
        return try await self.readers(database)
      }
      try await wait(
        database,
        for: """
          SELECT FROM pg_stat_activity WHERE query LIKE '%AccessShareLock%'
            AND pid <> pg_backend_pid() AND datname = current_database()
          """)
      try await holder.query("SELECT pg_advisory_unlock(7)")
      _ = try await reading.value
      #expect(try await passing.value == 0)

      // A transaction that is open plans its next statement anew.
      try await reader.query("BEGIN")
      try await reader.query("SELECT i FROM read")
      try await ReadersInFlight(connection: connection, patience: .seconds(60)).pass([Self.table])
      #expect(try await readers(database) == 1)
      await reader.close()
    }
  }
}
