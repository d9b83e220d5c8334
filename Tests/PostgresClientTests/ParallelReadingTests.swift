import Frames
import Synchronization
import TestSupport
import Testing

@testable import PostgresClient

/// Several connections read one table as one connection does, row order included.
@Suite struct ParallelReadingTests {
  /// Few rows on many pages; values and nulls that differ from row to row.
  private static let rows = """
    INSERT INTO t SELECT i, 'text ' || i % 700, CASE WHEN i % 5 > 0 THEN i * 0.5 END
    FROM generate_series(1, 100000) i
    """

  private func withTable(
    _ definition: String, _ body: (TestDatabase, SourceSnapshot) async throws -> Void
  ) async throws {
    try await withDatabase { database in
      try await database.connection.execute(script: "\(definition); \(Self.rows)")
      let snapshot = try await SourceSnapshot.open(database.connectionString, readers: 3)
      try await body(database, snapshot)
      await snapshot.release()
    }
  }

  /// Reads as one connection does and as several do, and compares everything.
  private func expectEqual(
    _ snapshot: SourceSnapshot, parts: Int
  ) async throws {
    let table = QualifiedName(schema: "public", name: "t")
    let one = try await snapshot.withReader { try await $0.copyOut("SELECT * FROM t") }
    let seen = Mutex(0)
    let all = try await snapshot.read("SELECT * FROM public.t", by: .pages(of: table)) { rows in
      seen.withLock { $0 = max($0, rows) }
    }
    #expect(all.rowCount == one.rowCount)
    #expect(seen.withLock { $0 } == one.rowCount)
    for (a, b) in zip(all.columns, one.columns) {
      #expect(a.validity == b.validity)
      switch (a.values, b.values) {
      case (.int64(let x), .int64(let y)): #expect(x == y)
      case (.float64(let x), .float64(let y)): #expect(x == y)
      case (.text(let x, let left), .text(let y, let right)):
        #expect(x.map { left[$0] } == y.map { right[$0] })
      default: Issue.record("unexpected columns")
      }
    }
    #expect(try await snapshot.ranges(of: table).count == parts)
  }

  @Test func `a table of which some columns may be read is not shared by pages`() async throws {
    try await withDatabase { database in
      let role = try await database.makeOrdinaryRole()
      try await database.connection.execute(
        script: """
          ALTER DEFAULT PRIVILEGES REVOKE ALL ON TABLES FROM \(role.name);
          CREATE TABLE t (a int8, b text, c float8) WITH (fillfactor = 10); \(Self.rows);
          GRANT SELECT (a, b) ON t TO \(role.name);
          """)
      let snapshot = try await SourceSnapshot.open(role.connectionString, readers: 3)
      let table = QualifiedName(schema: "public", name: "t")
      let all = try await snapshot.read("SELECT a, b FROM public.t", by: .pages(of: table)) { _ in }
      #expect(all.rowCount == 100_000)
      #expect(try await snapshot.ranges(of: table).isEmpty)
      await snapshot.release()
    }
  }

  @Test func `a large table is shared among connections`() async throws {
    try await withTable("CREATE TABLE t (a int8, b text, c float8) WITH (fillfactor = 10)") {
      database, snapshot in
      try await expectEqual(snapshot, parts: 3)
      // What others write after the snapshot is not seen, on whatever page it is.
      try await database.connection.execute(
        script:
          "INSERT INTO t SELECT 0, '', 0 FROM generate_series(1, 5000); DELETE FROM t WHERE a < 9")
      try await expectEqual(snapshot, parts: 3)
    }
  }

  @Test func `small tables, views and parents of others are read at once`() async throws {
    try await withTable("CREATE TABLE t (a int8, b text, c float8)") { database, snapshot in
      try await expectEqual(snapshot, parts: 0)
    }
    let wide = "WITH (fillfactor = 10)"
    try await withTable(
      "CREATE TABLE s (a int8, b text, c float8) \(wide); CREATE VIEW t AS SELECT * FROM s"
    ) { database, snapshot in
      try await expectEqual(snapshot, parts: 0)
    }
    try await withTable(
      "CREATE TABLE t (a int8, b text, c float8) \(wide); CREATE TABLE child () INHERITS (t)"
    ) { database, snapshot in
      try await expectEqual(snapshot, parts: 0)
    }
    try await withTable(
      """
      CREATE TABLE t (a int8, b text, c float8) PARTITION BY RANGE (a);
      CREATE TABLE low PARTITION OF t FOR VALUES FROM (0) TO (30000) \(wide);
      CREATE TABLE high PARTITION OF t FOR VALUES FROM (30000) TO (1000000) \(wide)
      """
    ) { database, snapshot in
      try await expectEqual(snapshot, parts: 0)
    }
  }

  @Test func `looking for the ranges tells no value of a row`() async throws {
    try await withDatabase { database in
      try await database.connection.execute(
        script: "CREATE TABLE v (id int8, email text); INSERT INTO v VALUES (1, 'a@b'), (2, 'c@d')")
      let snapshot = try await SourceSnapshot.open(database.connectionString, readers: 3)
      for call in ["current_setting(email)", "email::regclass::text", "nextval(email)::text"] {
        let error = await #expect(throws: PostgresError.self) {
          try await snapshot.read(
            "SELECT id FROM v WHERE \(call) IS NOT NULL", by: .ranges(of: "id")
          ) { _ in }
        }
        let shown = error.map { "\($0)" } ?? "a@b"
        #expect(!shown.contains("a@b") && !shown.contains("c@d"), "\(shown)")
      }
      await snapshot.release()
    }
  }

  @Test(arguments: [
    // Evenly, with nulls; from one end of the type to the other; a single value; no rows at all.
    "SELECT nullif(i % 7, 0) * 1000 + i, i FROM generate_series(1, 5000) i",
    "SELECT CASE WHEN i = 1 THEN -9223372036854775808 WHEN i = 2 THEN 9223372036854775807 ELSE i END, i FROM generate_series(1, 500) i",
    "SELECT 5::int8, i FROM generate_series(1, 50) i",
    "SELECT i::int8, i FROM generate_series(1, 0) i",
  ])
  func `a SELECT is shared by ranges of a column`(_ rows: String) async throws {
    try await withDatabase { database in
      try await database.connection.execute(
        script: "CREATE TABLE v (\"a \"\"b\" int8, i int4); INSERT INTO v \(rows)")
      let snapshot = try await SourceSnapshot.open(database.connectionString, readers: 3)
      let select = "SELECT * FROM v ORDER BY i; -- all of them"
      let one = try await snapshot.withReader { try await $0.copyOut(select) }.ordered(by: ["i"])
      let all = try await snapshot.read(select, by: .ranges(of: "a \"b")) { _ in }
        .ordered(by: ["i"])
      #expect(all.rowCount == one.rowCount)
      for (a, b) in zip(all.columns, one.columns) {
        #expect(a.validity == b.validity)
        guard case .int64(let x) = a.values, case .int64(let y) = b.values else {
          Issue.record("unexpected columns")
          continue
        }
        for row in x.indices where !a.isNull(row) { #expect(x[row] == y[row]) }
      }
      await snapshot.release()
    }
  }
}
