import Frames
import PostgresClient
import Synchronization
import TestSupport
import Testing

/// What no snapshot hides does not happen while a table is read, or nothing of the reading counts.
@Suite struct SnapshotLockTests {
  private static let rows = 20_000

  /// A table of many pages, as something small beside it.
  private static let tables = """
    CREATE TABLE t (a int8) WITH (fillfactor = 10);
    INSERT INTO t SELECT generate_series(1, \(rows));
    CREATE TABLE small (a int8);
    INSERT INTO small SELECT generate_series(1, 10);
    """

  private func withTables(
    _ script: String = tables, _ body: (TestDatabase) async throws -> Void
  ) async throws {
    try await withDatabase { database in
      try await database.connection.execute(script: script)
      try await body(database)
    }
  }

  private func open(
    _ database: TestDatabase, _ selects: [String: String], readers: Int = 3,
    onEvent: @escaping @Sendable (SnapshotEvent) -> Void = { _ in }
  ) async throws -> SourceSnapshot {
    var string = database.connectionString
    string.leastPages = 64
    return try await SourceSnapshot.open(
      string,
      readings: selects.sorted { $0.key < $1.key }.map {
        SourceReading($0.key, selects: [$0.value])
      },
      readers: readers, onEvent: onEvent)
  }

  /// Begins a script on a session of its own, and waits until it waits for a lock.
  private func begin(_ script: String, _ database: TestDatabase) async throws -> Task<
    Void, any Error
  > {
    let other = try await database.connect()
    let process = try await other.query("SELECT pg_backend_pid()")[0].int(0)
    let task = Task {
      try await other.execute(script: script)
      await other.close()
    }
    let query = "SELECT count(*) FROM pg_locks WHERE NOT granted AND pid = \(process)"
    while try await database.connection.query(query)[0].int(0) == 0 {
      try await Task.sleep(for: .milliseconds(5))
    }
    return task
  }

  @Test(arguments: [
    "BEGIN; TRUNCATE t; INSERT INTO t VALUES (0); COMMIT",
    "VACUUM FULL t", "CLUSTER t USING t_a", "ALTER TABLE t ALTER a TYPE numeric(12, 0)",
    "BEGIN; ALTER TABLE t RENAME TO old; CREATE TABLE t (a int8); COMMIT", "DROP TABLE t",
    "REINDEX INDEX t_a",
  ])
  func `who would change a table waits until it is read, by whatever connections`(
    _ script: String
  ) async throws {
    try await withTables(Self.tables + "CREATE INDEX t_a ON t (a);") { database in
      let told = Mutex<[String]>([])
      let snapshot = try await open(database, ["table": "SELECT * FROM t", "other": "TABLE small"])
      {
        if case .waiting(_, let relation, let stages) = $0 {
          told.withLock { $0.append("\(relation) \(stages.joined())") }
        }
      }
      let change = try await begin(script, database)
      // Whoever comes later waits behind the one that waits, but readers of the snapshot do not.
      let frame = try await snapshot.read(
        "SELECT * FROM t", by: .pages(of: QualifiedName(name: "t")), for: "table"
      ) { _ in }
      #expect(frame.rowCount == Self.rows)
      #expect(Set(try frame.integers("a")).count == Self.rows)
      if !script.hasPrefix("REINDEX") {
        while told.withLock({ $0.isEmpty }) { try await Task.sleep(for: .milliseconds(20)) }
        #expect(told.withLock { $0[0] } == "public.t table")
      }
      try await snapshot.finish("table")
      // The other stage still reads: only what is read is let go.
      try await change.value
      let rest = try await snapshot.read("TABLE small", by: nil, for: "other") { _ in }
      #expect(rest.rowCount == 10)
      try await snapshot.finish("other")
      await snapshot.release()
    }
  }

  @Test(arguments: [
    "CREATE VIEW v AS SELECT * FROM t", "CREATE MATERIALIZED VIEW v AS SELECT * FROM t",
    "CREATE VIEW inner_v AS SELECT * FROM t; CREATE VIEW v AS SELECT * FROM inner_v",
    "CREATE TABLE v (a int8); ALTER TABLE t INHERIT v",
    """
    CREATE TABLE v (a int8) PARTITION BY RANGE (a); ALTER TABLE v ATTACH PARTITION t DEFAULT
    """,
  ])
  func `what stands behind a name is locked too`(_ script: String) async throws {
    try await withTables(Self.tables + script) { database in
      let snapshot = try await open(database, ["view": "SELECT * FROM v"])
      let change = try await begin(
        script.contains("MATERIALIZED")
          ? "DELETE FROM t; REFRESH MATERIALIZED VIEW v" : "TRUNCATE t", database)
      let frame = try await snapshot.read("SELECT * FROM v", by: nil, for: "view") { _ in }
      #expect(frame.rowCount == Self.rows)
      try await snapshot.finish("view")
      try await change.value
      await snapshot.release()
    }
  }

  @Test func `a locked table is named with the session that has it`() async throws {
    try await withTables { database in
      let other = try await database.connect(options: ConnectionOptions(applicationName: "etl job"))
      try await other.execute(script: "BEGIN; TRUNCATE t")
      let process = try await other.query("SELECT pg_backend_pid()")[0].int(0)
      for readers in [1, 3] {
        let error = await #expect(throws: PostgresError.self) {
          _ = try await open(database, ["t": "TABLE t"], readers: readers)
        }
        #expect(error?.isLockTimeout == true)
        if readers > 1 {
          #expect(
            error?.message
              == "public.t is locked by session \(process) of role postgres (etl job)")
        }
      }
      await other.close()
      let left = try await database.connection.query(
        "SELECT count(*) FROM pg_locks WHERE relation = 't'::regclass AND NOT granted")
      #expect(try left[0].int(0) == 0)
    }
  }

  @Test func `a reading counts for nothing whose lock was lost`() async throws {
    try await withTables { database in
      let snapshot = try await open(database, ["t": "TABLE t"])
      let frame = try await snapshot.read("TABLE t", by: nil, for: "t") { _ in }
      #expect(frame.rowCount == Self.rows)
      try await database.connection.query(
        """
        SELECT pg_terminate_backend(pid, 60000) FROM pg_locks WHERE relation = 't'::regclass
        """)
      let error = await #expect(throws: PostgresError.self) { try await snapshot.finish("t") }
      #expect(error?.kind == .changed)
      #expect(error?.message.contains("the lock on public.t was lost") == true)
      await snapshot.release()
    }
  }

  @Test func `a partition that is attached with rows spoils a reading, an empty one does not`()
    async throws
  {
    let script = """
      CREATE TABLE p (a int8) PARTITION BY RANGE (a);
      CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (0) TO (100);
      INSERT INTO p SELECT generate_series(1, 50);
      CREATE TABLE empty (a int8); CREATE TABLE full_one AS SELECT 150::int8 AS a;
      """
    try await withTables(script) { database in
      for (readers, low) in [(1, 200), (3, 1000)] {
        let snapshot = try await open(database, ["p": "TABLE p"], readers: readers)
        try await database.connection.execute(
          script: """
            CREATE TABLE empty_\(low) (a int8);
            ALTER TABLE p ATTACH PARTITION empty_\(low) FOR VALUES FROM (\(low)) TO (\(low + 1));
            """)
        let frame = try await snapshot.read("TABLE p", by: nil, for: "p") { _ in }
        #expect(frame.rowCount == 50)
        try await snapshot.finish("p")
        await snapshot.release()
      }
      for readers in [1, 3] {
        let snapshot = try await open(database, ["p": "TABLE p"], readers: readers)
        try await database.connection.execute(
          script: "ALTER TABLE p ATTACH PARTITION full_one FOR VALUES FROM (150) TO (151)")
        let error = await #expect(throws: PostgresError.self) {
          _ = try await snapshot.read("TABLE p", by: nil, for: "p") { _ in }
        }
        #expect(error?.kind == .changed)
        await snapshot.release()
        try await database.connection.execute(script: "ALTER TABLE p DETACH PARTITION full_one")
      }
    }
  }

  @Test func `what functions read is looked at afterwards`() async throws {
    let script =
      Self.tables + """
        CREATE FUNCTION most() RETURNS int8 LANGUAGE plpgsql AS
          'BEGIN RETURN (SELECT max(a) FROM small); END';
        """
    try await withTables(script) { database in
      for readers in [1, 3] {
        let select = "SELECT a, most() FROM t WHERE a < 10"
        let snapshot = try await open(database, ["f": select], readers: readers)
        _ = try await snapshot.read(select, by: nil, for: "f") { _ in }
        #expect(await snapshot.unnamedTables(of: "f").names == ["public.small"])
        // Nothing held it until it was read.
        try await database.connection.execute(
          script: "BEGIN; TRUNCATE small; INSERT INTO small SELECT generate_series(1, 10); COMMIT")
        let error = await #expect(throws: PostgresError.self) {
          _ = try await snapshot.read(select, by: nil, for: "f") { _ in }
        }
        #expect(error?.kind == .changed)
        await snapshot.release()
      }
    }
  }

  @Test func `a schema that takes another's place spoils a reading`() async throws {
    let script = """
      CREATE SCHEMA shop; CREATE TABLE shop.t AS SELECT 1 AS a;
      CREATE SCHEMA next; CREATE TABLE next.t AS SELECT 2 AS a;
      """
    try await withTables(script) { database in
      for (readers, isReadBefore) in [(3, true), (3, false), (1, false)] {
        let snapshot = try await open(database, ["t": "TABLE shop.t"], readers: readers)
        func read() async throws {
          _ = try await snapshot.read("TABLE shop.t", by: nil, for: "t") { _ in }
        }
        if isReadBefore { try await read() }
        try await database.connection.execute(
          script: """
            BEGIN; ALTER SCHEMA shop RENAME TO old; ALTER SCHEMA next RENAME TO shop;
            ALTER SCHEMA old RENAME TO next; COMMIT
            """)
        let error = await #expect(throws: PostgresError.self) {
          if !isReadBefore { try await read() }
          try await snapshot.finish("t")
        }
        #expect(error?.kind == .changed)
        await snapshot.release()
      }
    }
  }

  @Test func `a SELECT that the server refuses spoils its own stage only`() async throws {
    try await withTables { database in
      for readers in [1, 3] {
        let snapshot = try await open(
          database, ["bad": "SELECT nothing FROM t", "good": "TABLE small"], readers: readers)
        let error = await #expect(throws: PostgresError.self) {
          _ = try await snapshot.read("SELECT nothing FROM t", by: nil, for: "bad") { _ in }
        }
        #expect(error?.sqlState == "42703")
        #expect(
          try await snapshot.read("TABLE small", by: nil, for: "good") { _ in }.rowCount == 10)
        try await snapshot.finish("good")
        await snapshot.release()
      }
    }
  }

  @Test func `readers see what the first sees, whatever is set for the role meanwhile`()
    async throws
  {
    let script = """
      CREATE SCHEMA a; CREATE TABLE a.t AS SELECT 1 AS x;
      CREATE SCHEMA b; CREATE TABLE b.t AS SELECT generate_series(1, 2) AS x;
      """
    try await withTables(script) { database in
      let role = "\(database.name)_reader"
      try await database.connection.execute(
        script: """
          CREATE ROLE \(role) LOGIN IN ROLE pg_read_all_data; ALTER ROLE \(role) SET search_path = a;
          """)
      let string = try ConnectionString(
        database.url.replacing("user=postgres", with: "user=\(role)"))
      let snapshot = try await SourceSnapshot.open(
        string, readings: [SourceReading("t", selects: ["TABLE t"])], readers: 4)
      try await database.connection.execute(script: "ALTER ROLE \(role) SET search_path = b")
      try await withThrowingTaskGroup(of: Int.self) { group in
        for _ in 0..<8 {
          group.addTask { try await snapshot.read("TABLE t", by: nil, for: "t") { _ in }.rowCount }
        }
        for try await count in group { #expect(count == 1) }
      }
      await snapshot.release()
      try await database.connection.execute(
        script: "DROP OWNED BY \(role); DROP ROLE \(role)")
    }
  }
}

extension Frame {
  fileprivate func integers(_ name: String) throws -> [Int64] {
    guard case .int64(let values) = try #require(self[name]).values else { return [] }
    return values
  }
}
