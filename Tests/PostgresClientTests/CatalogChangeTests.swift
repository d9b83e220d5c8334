import Frames
import PostgresClient
import TestSupport
import Testing

/// What the catalog of the moment says counts at once for every snapshot: a reading during which it came
/// to say something else counts for nothing.
@Suite struct CatalogChangeTests {
  private static let schema = """
    CREATE SCHEMA shop; CREATE SCHEMA app;
    CREATE TABLE shop.t (id int, v int, w int);
    INSERT INTO shop.t SELECT i, 1, 2 FROM generate_series(1, 50) i;
    CREATE TABLE shop.wide (id int, v int);
    CREATE TABLE shop.heir () INHERITS (shop.wide);
    INSERT INTO shop.heir SELECT i, 25 FROM generate_series(1, 50) i;
    ALTER TABLE shop.heir ADD CONSTRAINT k CHECK (v = 26) NOT VALID;
    CREATE TABLE shop.seg AS SELECT i AS id, 'vip' AS v FROM generate_series(1, 50) i;
    CREATE TABLE shop.parted (id int, v int) PARTITION BY RANGE (id);
    CREATE TABLE shop.part PARTITION OF shop.parted FOR VALUES FROM (0) TO (100);
    CREATE TYPE shop.state AS ENUM ('active', 'gone');
    CREATE TABLE shop.stated AS SELECT 'active'::shop.state AS s;
    CREATE FUNCTION shop.wanted(v int) RETURNS bool LANGUAGE plpgsql AS 'BEGIN RETURN v = 1; END';
    CREATE VIEW shop.wanted_t AS SELECT id, v FROM shop.t WHERE shop.wanted(v);
    CREATE VIEW shop.seg_view AS SELECT id, v FROM shop.seg;
    CREATE FUNCTION shop.seg_of(i int) RETURNS text LANGUAGE plpgsql STABLE AS
      'BEGIN RETURN (SELECT v FROM shop.seg WHERE id = i); END';
    CREATE FUNCTION shop.seg_by_view(i int) RETURNS text LANGUAGE plpgsql STABLE AS
      'BEGIN RETURN (SELECT v FROM shop.seg_view WHERE id = i); END';
    CREATE FUNCTION shop.seg_apart(i int) RETURNS text LANGUAGE plpgsql STABLE AS
      'DECLARE r text; BEGIN
        BEGIN SELECT v INTO r FROM shop.seg WHERE id = i; RAISE EXCEPTION ''x'';
        EXCEPTION WHEN raise_exception THEN RETURN r; END;
      END';
    CREATE FUNCTION shop.sum_of() RETURNS bigint LANGUAGE plpgsql STABLE AS
      'BEGIN RETURN (SELECT sum(v) FROM shop.parted); END';
    CREATE FUNCTION shop.seg_parallel(i int) RETURNS text LANGUAGE plpgsql STABLE PARALLEL SAFE AS
      'BEGIN RETURN (SELECT v FROM shop.seg WHERE id = i); END';
    """

  private static let swap = """
    BEGIN; ALTER TABLE shop.t RENAME v TO x; ALTER TABLE shop.t RENAME w TO v;
    ALTER TABLE shop.t RENAME x TO w; COMMIT
    """
  private static let refill = """
    BEGIN; CREATE TEMP TABLE k ON COMMIT DROP AS TABLE shop.seg; TRUNCATE shop.seg;
    INSERT INTO shop.seg TABLE k; COMMIT
    """

  private func open(
    _ database: TestDatabase, _ select: String, readers: Int
  ) async throws -> SourceSnapshot {
    try await SourceSnapshot.open(
      database.connectionString, readings: [SourceReading("s", selects: [select])], readers: readers
    )
  }

  /// Changes that no lock of a reader keeps waiting, with what reads what they change.
  private static let changes: [(select: String, change: String, alone: Bool)] = [
    (
      "SELECT id FROM shop.wide WHERE v = 25",
      "DELETE FROM shop.heir; ALTER TABLE shop.heir VALIDATE CONSTRAINT k", false
    ),
    (
      "SELECT t.id FROM shop.t LEFT JOIN shop.seg ON seg.id = t.id",
      "CREATE UNIQUE INDEX ON shop.seg (id)", true
    ),
    (
      "TABLE shop.wanted_t",
      "CREATE OR REPLACE FUNCTION shop.wanted(v int) RETURNS bool LANGUAGE plpgsql AS 'BEGIN RETURN false; END'",
      true
    ),
    (
      "SELECT s::text FROM shop.stated", "ALTER TYPE shop.state RENAME VALUE 'active' TO 'x'", false
    ),
    (
      "SELECT id, shop.seg_of(id) FROM shop.t",
      "ALTER TABLE shop.seg RENAME TO old; CREATE TABLE shop.seg AS TABLE shop.old", true
    ),
    (
      "SELECT id, shop.seg_of(id) FROM shop.t",
      "ALTER TABLE shop.seg DROP v CASCADE; ALTER TABLE shop.seg ADD v text DEFAULT 'no'", true
    ),
    (
      "SELECT id, shop.seg_by_view(id) FROM shop.t",
      "CREATE OR REPLACE VIEW shop.seg_view AS SELECT id, v FROM shop.seg WHERE id > 9", false
    ),
    (
      "SELECT id, shop.seg_of(id) FROM shop.t", "ALTER TABLE shop.seg ENABLE ROW LEVEL SECURITY",
      false
    ),
    ("SELECT id, shop.seg_apart(id) FROM shop.t", refill, true),
    ("SELECT id, shop.seg_parallel(id) FROM shop.t", refill, true),
    ("SELECT shop.sum_of()", "ALTER TABLE shop.parted DETACH PARTITION shop.part", false),
    ("SELECT id FROM t", "CREATE TABLE app.t AS SELECT 1 AS id", true),
    (
      "TABLE shop.t",
      "BEGIN; ALTER SCHEMA shop RENAME TO old; CREATE SCHEMA shop; CREATE TABLE shop.t AS SELECT 1 AS id; COMMIT",
      true
    ),
  ]

  @Test(arguments: changes.indices)
  func `what is changed under the lock of a reader spoils a reading`(_ place: Int) async throws {
    let (select, change, alone) = Self.changes[place]
    for readers in alone ? [1, 3] : [3] {
      for isReadBefore in [false, true] {
        // What a function has read before is not read anew.
        if isReadBefore && (select.contains("shop.s") || select.hasSuffix("FROM t")) { continue }
        try await withDatabase { database in
          try await database.connection.execute(script: Self.schema)
          try await database.connection.execute(
            script: "ALTER DATABASE \(database.name) SET search_path = app, shop")
          let snapshot = try await open(database, select, readers: readers)
          func read() async throws {
            _ = try await snapshot.read(select, by: nil, for: "s") { _ in }
          }
          if isReadBefore { try await read() }
          try await database.connection.execute(script: change)
          let error = await #expect(throws: PostgresError.self, "\(change), \(readers)") {
            if !isReadBefore { try await read() }
            try await snapshot.finish("s")
          }
          #expect(error?.kind == .changed, "\(change), \(readers): \(String(describing: error))")
          await snapshot.release()
        }
      }
    }
  }

  /// Changes that a reader's lock keeps waiting may come while it waits for that lock itself.
  @Test(arguments: [
    swap,
    "BEGIN; ALTER TABLE shop.t DROP v CASCADE; ALTER TABLE shop.t ADD v int DEFAULT 9; COMMIT",
    "BEGIN; ALTER TABLE shop.t ENABLE ROW LEVEL SECURITY; COMMIT",
    "BEGIN; ALTER TABLE shop.t ALTER v SET NOT NULL; COMMIT",
    "BEGIN; CREATE POLICY p ON shop.t USING (id < 10); COMMIT",
  ])
  func `what is changed before the lock is had spoils the opening`(_ change: String) async throws {
    try await withDatabase { database in
      try await database.connection.execute(script: Self.schema)
      try await database.connection.execute(script: String(change.dropLast("; COMMIT".count)))
      // Ends when the reader waits for the lock.
      let ending = Task {
        let other = try await database.connect()
        let waiting =
          "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'shop.t'::regclass"
        while try await other.query(waiting)[0].int(0) == 0 {
          try await Task.sleep(for: .milliseconds(1))
        }
        try await database.connection.execute(script: "COMMIT")
        await other.close()
      }
      let error = await #expect(throws: PostgresError.self) {
        let snapshot = try await open(database, "SELECT id, v, w FROM shop.t", readers: 3)
        await snapshot.release()
      }
      try await ending.value
      #expect(
        error?.kind == .changed || error?.isLockTimeout == true, "\(String(describing: error))")
    }
  }

  @Test func `what can be done without a change of what is read does not spoil a reading`()
    async throws
  {
    try await withDatabase { database in
      try await database.connection.execute(script: Self.schema)
      for readers in [1, 3] {
        let select = "SELECT id, shop.seg_of(id) AS v FROM shop.t"
        let snapshot = try await open(database, select, readers: readers)
        try await database.connection.execute(
          script: """
            CREATE INDEX ON shop.t (id); ANALYZE; CREATE TABLE app.other_\(readers) (id int);
            INSERT INTO shop.t VALUES (0, 0, 0); UPDATE shop.seg SET v = 'none';
            ALTER TABLE shop.t ALTER id SET STATISTICS 10; CREATE TEMP TABLE t_\(readers) (id int);
            CREATE FUNCTION pg_temp.f\(readers)() RETURNS int LANGUAGE sql AS 'SELECT 1';
            """)
        let frame = try await snapshot.read(select, by: nil, for: "s") { _ in }
        #expect(frame.rowCount == (readers == 1 ? 50 : 51))
        let unnamed = await snapshot.unnamedTables(of: "s")
        #expect(unnamed.names == ["shop.seg"])
        #expect(unnamed.isUnseen == (readers == 1))
        try await snapshot.finish("s")
        await snapshot.release()
      }
    }
  }

  @Test func `sequences and foreign tables that functions read are named`() async throws {
    try await withDatabase { database in
      try await database.connection.execute(
        script: Self.schema + """
          CREATE SEQUENCE shop.numbers;
          CREATE FUNCTION shop.last() RETURNS bigint LANGUAGE plpgsql AS
            'BEGIN RETURN (SELECT last_value FROM shop.numbers); END';
          """)
      let snapshot = try await open(database, "SELECT shop.last()", readers: 3)
      _ = try await snapshot.read("SELECT shop.last()", by: nil, for: "s") { _ in }
      #expect(await snapshot.unnamedTables(of: "s").unprotected == ["shop.numbers, a sequence"])
      try await snapshot.finish("s")
      await snapshot.release()
      let read = try await database.connection.examine(
        "SELECT last_value FROM shop.numbers", acceptsRowSecurity: false)
      #expect(read.reading?.unprotected == ["shop.numbers, a sequence"])
    }
  }

  @Test func `settings of the role that change while it reads spoil a reading`() async throws {
    try await withDatabase { database in
      try await database.connection.execute(script: Self.schema)
      let snapshot = try await open(database, "TABLE shop.t", readers: 3)
      _ = try await snapshot.read("TABLE shop.t", by: nil, for: "s") { _ in }
      try await database.connection.execute(
        script: "ALTER DATABASE \(database.name) SET app.tenant = '1'")
      let error = await #expect(throws: PostgresError.self) { try await snapshot.finish("s") }
      #expect(error?.kind == .changed)
      await snapshot.release()
    }
  }
}
