import Frames
import PostgresClient
import TestSupport
import Testing

/// What is read has changed since it was looked at: between the check and the snapshot, or between the
/// snapshot and its locks.
@Suite struct SnapshotScopeTests {
  /// Every view is made together with the row that says which it is.
  @Test func `a view is of the snapshot, also where one connection looks`() async throws {
    try await withDatabase { database in
      try await database.connection.execute(
        script: """
          CREATE TABLE state AS SELECT 0::int8 AS seen;
          CREATE VIEW inner_v AS SELECT seen, 0::int8 AS made FROM state; CREATE VIEW v AS TABLE inner_v
          """)
      let other = try await database.connect()
      var read = 0
      for number in 1...40 {
        let (name, below) = number % 2 == 0 ? ("v", "inner_v") : ("inner_v", "state")
        // Who looks while it commits waits for it, and then has the new view.
        let change = """
          SELECT pg_sleep(\(Double(number % 10) / 1000)); BEGIN; UPDATE state SET seen = \(number);
          CREATE OR REPLACE VIEW v AS TABLE inner_v;
          CREATE OR REPLACE VIEW \(name) AS SELECT seen, \(number)::int8 AS made FROM \(below);
          SELECT pg_sleep(0.01); COMMIT
          """
        async let changed: Void = other.execute(script: change)
        do {
          let snapshot = try await SourceSnapshot.open(
            database.connectionString, readings: [SourceReading("v", selects: ["TABLE v"])],
            readers: 1)
          let frame = try await snapshot.read("TABLE v", by: nil, for: "v") { _ in }
          try await snapshot.finish("v")
          await snapshot.release()
          read += 1
          #expect(try frame.integers("seen") == frame.integers("made"))
        } catch let error as PostgresError {
          #expect(error.kind == .changed || error.isLockTimeout, "\(error)")
        }
        try await changed
      }
      #expect(read > 0)
      await other.close()
    }
  }

  @Test func `a partition of two stages at one home is known to both`() async throws {
    try await withDatabase { database in
      try await database.connection.execute(
        script: """
          CREATE TABLE p (a int8) PARTITION BY LIST (a); CREATE TABLE other AS SELECT 1 AS a;
          CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1);
          """)
      let known = try await database.connection.query(
        "SELECT oid::int8 FROM pg_class WHERE relname IN ('p', 'p1')")
      let checked = Set(try known.map { try $0.int(0) })
      // After the check.
      try await database.connection.execute(
        script: "CREATE TABLE p2 PARTITION OF p FOR VALUES IN (2); INSERT INTO p VALUES (1), (2)")
      let snapshot = try await SourceSnapshot.open(
        database.connectionString,
        readings: [
          SourceReading("large", selects: ["TABLE p"], relations: checked, size: 3),
          SourceReading("elsewhere", selects: ["TABLE other"], size: 2),
          SourceReading("small", selects: ["TABLE p"], relations: checked, size: 1),
        ], readers: 2)
      // While home is in use the second stage is a guest.
      let count = try await snapshot.withReader(for: "large") { _ in
        try await snapshot.read("TABLE p", by: nil, for: "small") { _ in }.rowCount
      }
      #expect(count == 2)
      for stage in ["small", "large", "elsewhere"] { try await snapshot.finish(stage) }
      await snapshot.release()
    }
  }

  @Test func `a foreign table that came to stand behind a view is not read`() async throws {
    try await withDatabase { database in
      try await database.connection.execute(
        script: """
          CREATE EXTENSION postgres_fdw; CREATE SERVER far FOREIGN DATA WRAPPER postgres_fdw;
          CREATE FOREIGN TABLE f (a int8) SERVER far; CREATE VIEW v AS TABLE f;
          CREATE TABLE t AS SELECT 1 AS a;
          """)
      for readers in [1, 3] {
        let snapshot = try await SourceSnapshot.open(
          database.connectionString,
          readings: [
            SourceReading(
              "expected", selects: ["SELECT a FROM v LIMIT 0"],
              unprotected: ["public.f, a foreign table"]),
            SourceReading("new", selects: ["TABLE v"], unprotected: []),
            SourceReading("plain", selects: ["TABLE t"], unprotected: []),
          ], readers: readers)
        let error = await #expect(throws: PostgresError.self) {
          _ = try await snapshot.read("TABLE v", by: nil, for: "new") { _ in }
        }
        #expect(
          error?.message.hasPrefix("public.f, a foreign table, has become a part") == true,
          "\(String(describing: error))")
        #expect(
          try await snapshot.withReader(for: "expected") { try await $0.query("SELECT 1").count }
            == 1)
        #expect(try await snapshot.read("TABLE t", by: nil, for: "plain") { _ in }.rowCount == 1)
        await snapshot.release()
      }
    }
  }
}

extension Frame {
  fileprivate func integers(_ name: String) throws -> [Int64] {
    guard case .int64(let values) = try #require(self[name]).values else { return [] }
    return values
  }
}
