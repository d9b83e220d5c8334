import PostgresClient
import TestSupport
import Testing

/// What is asked of a database through a pooler that lends its sessions for one transaction.
@Suite(.enabled(if: Pooler.isThere)) struct PoolerTests {
  @Test func `columns are described while others prepare statements`() async throws {
    try await withDatabase { database in
      try await database.connection.execute("CREATE TABLE t (a int8 NOT NULL, b text)")
      try await Pooler.with(.transaction, size: 2) { pooler in
        try await pooler.busy(database) {
          let session = try await PostgresConnection.connect(
            to: ConnectionString(pooler.url(of: database)),
            options: ConnectionOptions(scope: .transaction))
          for _ in 0..<50 {
            #expect(try await session.describe("SELECT * FROM t").schema.names == ["a", "b"])
            let error = await #expect(throws: PostgresError.self) {
              try await session.describe("SELECT c FROM t")
            }
            #expect(error?.sqlState == "42703")
          }
          await session.close()
        }
      }
    }
  }

  @Test func `a snapshot is read through a busy pool, and leaves no settings in it`() async throws {
    try await withDatabase { database in
      try await database.connection.execute(
        "CREATE TABLE t AS SELECT i, repeat('x', 400) AS x FROM generate_series(1, 100000) i")
      try await Pooler.with(.transaction, size: 3) { pooler in
        let string = try ConnectionString(pooler.url(of: database))
        let rows = try await pooler.busy(database) {
          let snapshot = try await SourceSnapshot.open(string, readers: 2)
          let frame = try await snapshot.read(
            "SELECT i FROM t", by: .pages(of: QualifiedName(name: "t")), onProgress: { _ in })
          await snapshot.release()
          return frame.rowCount
        }
        #expect(rows == 100_000)
        let other = try await PostgresConnection.connect(
          to: string, options: ConnectionOptions(scope: .transaction))
        for setting in ["bytea_output", "lock_timeout", "synchronize_seqscans"] {
          let row = try await other.query(
            "SELECT setting = reset_val FROM pg_settings WHERE name = $1", [.text(setting)])
          #expect(try row[0].bool(0), "\(setting)")
        }
        await other.close()
      }
    }
  }
}
