import TestSupport
import Testing

@testable import PostgresClient

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

  /// Whoever waits for a second session waits for the one that the first connection has.
  @Test(.timeLimit(.minutes(15)), arguments: [1, 2])
  func `a pool with too few sessions is read all the same, and soon`(size: Int) async throws {
    try await withDatabase { database in
      try await database.connection.execute("CREATE TABLE t AS SELECT generate_series(1, 10) AS a")
      try await Pooler.with(.transaction, size: size) { pooler in
        let began = ContinuousClock.now
        let snapshot = try await SourceSnapshot.open(
          ConnectionString(pooler.url(of: database)),
          readings: (1...4).map { SourceReading("s\($0)", selects: ["TABLE t"]) }, readers: 4)
        for stage in 1...4 {
          let frame = try await snapshot.read("TABLE t", by: nil, for: "s\(stage)") { _ in }
          #expect(frame.rowCount == 10)
          try await snapshot.finish("s\(stage)")
        }
        #expect(await !snapshot.isShared)
        await snapshot.release()
        #expect(ContinuousClock.now - began < .seconds(20))
      }
    }
  }

  @Test(.timeLimit(.minutes(15)))
  func `a session that waits for its turn is ended without waiting`()
    async throws
  {
    try await withDatabase { database in
      try await Pooler.with(.transaction, size: 1) { pooler in
        let string = try ConnectionString(pooler.url(of: database))
        let options = ConnectionOptions(scope: .transaction)
        let first = try await PostgresConnection.connect(to: string, options: options)
        try await first.beginReading()
        let second = try await PostgresConnection.connect(to: string, options: options)
        let turn = Task { try? await second.beginReading() }
        let began = ContinuousClock.now
        await PostgresConnection.closeSoon([second])
        #expect(ContinuousClock.now - began < .seconds(20))
        await first.close()
        await turn.value
      }
    }
  }

  @Test(arguments: [1, 4])
  func `a temporary table that somebody left in a pool is not read`(size: Int) async throws {
    try await withDatabase { database in
      try await database.connection.execute("CREATE TABLE t AS SELECT generate_series(1, 10) AS a")
      try await Pooler.with(.transaction, size: size) { pooler in
        let string = try ConnectionString(pooler.url(of: database))
        let options = ConnectionOptions(scope: .transaction)
        let other = try await PostgresConnection.connect(to: string, options: options)
        try await other.execute("CREATE TEMPORARY TABLE t AS SELECT 1 AS a")
        let snapshot = try await SourceSnapshot.open(
          string, readings: [SourceReading("s", selects: ["TABLE t"])], readers: 2)
        let frame = try await snapshot.read("TABLE t", by: nil, for: "s") { _ in }
        #expect(frame.rowCount == 10)
        try await snapshot.finish("s")
        #expect(await snapshot.isShared == (size > 1))
        await snapshot.release()
        await other.close()
      }
    }
  }
}
