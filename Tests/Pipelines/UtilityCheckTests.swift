import PipelineFiles
import PostgresClient
import Runs
import TestSupport
import Testing

/// Statements of `sql` stages at whose names Postgres looks only when they run: what `check` says of them
/// is what the night would say.
@Suite struct UtilityCheckTests {
  private func withScript<Value: Sendable>(
    _ body: (TestProject, (String) throws -> Void) async throws -> Value
  ) async throws -> Value {
    try await withProject { project in
      try await project.setUpUsers()
      try project.write(stages: SQLStageTests.stages)
      return try await body(project) { try project.write("sql/levels.sql", $0) }
    }
  }

  /// What stands beside the shop: tables of another's and some of the role's own.
  private func setUp(_ project: TestProject) async throws {
    let role = try #require(project.role)
    try await project.sql(
      """
      CREATE SCHEMA crm; GRANT USAGE ON SCHEMA crm TO \(role.name);
      CREATE TABLE crm.others (id int8 PRIMARY KEY, level text);
      CREATE TABLE crm.refers (id int8 REFERENCES crm.others);
      CREATE VIEW crm.seen AS SELECT 1 AS x;
      GRANT ALL ON crm.others, crm.refers TO \(role.name); GRANT SELECT ON crm.seen TO \(role.name);
      CREATE TABLE crm.closed (id int8); GRANT SELECT, INSERT ON crm.closed TO \(role.name);
      REVOKE CREATE ON SCHEMA crm FROM \(role.name);
      CREATE SCHEMA open; CREATE VIEW open.seen AS SELECT 1 AS x;
      GRANT USAGE, CREATE ON SCHEMA open TO \(role.name);
      CREATE SCHEMA own AUTHORIZATION \(role.name);
      SET ROLE \(role.name);
      CREATE TABLE own.mine (id int8, level text); CREATE INDEX mine_id ON own.mine (id);
      CREATE VIEW own.shown AS SELECT 1 AS x;
      CREATE TABLE own.base (id int8); CREATE VIEW own.over AS SELECT id FROM own.base;
      RESET ROLE;
      """)
  }

  private static let refused: [(String, String)] = [
    ("TRUNCATE crm.closed", "may not TRUNCATE crm.closed"),
    ("TRUNCATE crm.others", "crm.refers refers to crm.others"),
    ("TRUNCATE crm.seen", "crm.seen is a view and cannot be truncated"),
    ("TRUNCATE crm.nothing", "table crm.nothing does not exist"),
    ("ALTER TABLE crm.others ADD x int", "is not the owner of table crm.others"),
    ("CREATE INDEX ON crm.others (level)", "is not the owner of table crm.others"),
    ("CREATE INDEX mine_id ON own.mine (level)", "an index mine_id stands in own already"),
    ("DROP TABLE crm.others", "is not the owner of table crm.others"),
    ("DROP TABLE own.nothing", "table own.nothing does not exist"),
    ("COMMENT ON COLUMN crm.others.id IS 'x'", "is not the owner of table crm.others"),
    ("COMMENT ON COLUMN own.mine.nothing IS 'x'", "own.mine has no column 'nothing'"),
    ("DROP VIEW own.mine", "own.mine is a table, not a view"),
    ("DROP TABLE IF EXISTS own.shown", "own.shown is a view, not a table"),
    ("DROP TABLE own.base", "view own.over depends on what is dropped"),
    ("CREATE TABLE IF NOT EXISTS crm.others (id int8)", "may not CREATE in schema crm"),
    ("CREATE TABLE own.mine (x int)", "a table own.mine stands there already"),
    ("CREATE VIEW own.shown AS SELECT 1 AS x", "a view own.shown stands there already"),
    ("CREATE OR REPLACE VIEW own.mine AS SELECT 1 AS x", "a table own.mine stands there already"),
    ("CREATE OR REPLACE VIEW crm.seen AS SELECT 1 AS x", "may not CREATE in schema crm"),
    ("CREATE OR REPLACE VIEW open.seen AS SELECT 1 AS x", "is not the owner of view open.seen"),
    ("CREATE TABLE crm.new (x int)", "may not CREATE in schema crm"),
    ("CREATE TABLE nowhere.new (x int)", "schema \"nowhere\" does not exist"),
    ("CREATE SCHEMA own", "schema \"own\" already exists"),
    ("DROP SCHEMA crm", "is not the owner of schema crm"),
  ]

  @Test func `what the night would refuse is refused by check`() async throws {
    try await withScript { project, write in
      try await setUp(project)
      for (sql, message) in Self.refused {
        try write(sql)
        let checked = try await project.check()
        #expect(checked.errors.map(\.code) == [.statementRefused], "\(sql): \(checked.text)")
        #expect(checked.errors.first?.message.contains(message) == true, "\(checked.text)")
        // The night says so too.
        let role = try #require(project.role)
        let connection = try await PostgresConnection.connect(to: role.connectionString)
        await #expect(throws: PostgresError.self, "\(sql)") {
          try await connection.execute(sql)
        }
        await connection.close()
      }
    }
  }

  @Test func `a schema that is there needs the right to make schemas all the same`() async throws {
    try await withScript { project, write in
      try await setUp(project)
      try write("CREATE SCHEMA IF NOT EXISTS own")
      #expect(try await project.check().errors.isEmpty)
      try await project.run()
      let role = try #require(project.role)
      try await project.sql("REVOKE CREATE ON DATABASE \(project.database.name) FROM \(role.name)")
      let checked = try await project.check()
      #expect(
        checked.errors.contains {
          $0.message.contains("may not CREATE in database \(project.database.name)")
        }, "\(checked.text)")
      let connection = try await PostgresConnection.connect(to: role.connectionString)
      await #expect(throws: PostgresError.self) {
        try await connection.execute("CREATE SCHEMA IF NOT EXISTS own")
      }
      await connection.close()
    }
  }

  /// Views are made anew before statements are run.
  @Test func `a comment goes to the columns that tonight publishes`() async throws {
    try await withScript { project, write in
      try write("SELECT 1")
      try await project.run()
      try project.write(
        stages: SQLStageTests.stages.replacing("input: users", with: "input: more")
          + "\n  more: { clean: { input: users, steps: [ { set: { added: \"user_id + 1\" } } ] } }")
      for view in ["marketing.users", "marketing.users_current"] {
        try write("COMMENT ON COLUMN \(view).added IS 'new'")
        let checked = try await project.check()
        #expect(checked.errors.isEmpty, "\(checked.text)")
        try write("COMMENT ON COLUMN \(view).nothing IS 'new'")
        #expect(
          try await project.check().errors.first?.message == "\(view) has no column 'nothing'")
      }
      try write("COMMENT ON COLUMN marketing.users_current.added IS 'new'")
      try await project.run(asOf: "2026-06-02")
    }
  }

  @Test func `what the night accepts passes`() async throws {
    let scripts = [
      "TRUNCATE crm.others, crm.refers", "TRUNCATE own.mine",
      "DELETE FROM own.mine; ALTER TABLE own.mine ADD IF NOT EXISTS more int;",
      "CREATE INDEX IF NOT EXISTS mine_id ON own.mine (id)",
      "DROP TABLE IF EXISTS own.nothing; CREATE TABLE own.nothing (x int); DROP TABLE own.nothing",
      "DROP VIEW own.shown; CREATE VIEW own.shown AS SELECT 2 AS x",
      "CREATE OR REPLACE VIEW own.shown AS SELECT 3 AS x",
      "COMMENT ON TABLE marketing.levels IS 'by level'; TRUNCATE marketing.levels",
      "CREATE SCHEMA IF NOT EXISTS fresh; CREATE TABLE IF NOT EXISTS fresh.t (x int)",
      "CREATE TEMP TABLE held (x int) ON COMMIT DROP; TRUNCATE held; DROP TABLE held",
      "DO 'BEGIN CREATE TABLE own.late (x int); END'; TRUNCATE own.late; DROP TABLE own.late",
      "CREATE TABLE own.mine2 (x int); CREATE INDEX i2 ON own.mine2 (x); DROP TABLE own.mine2 CASCADE",
    ]
    try await withScript { project, write in
      try await setUp(project)
      for sql in scripts {
        try write(sql)
        // Also by the second night.
        for night in ["2026-06-01", "2026-06-02"] {
          let checked = try await project.check()
          #expect(checked.errors.isEmpty, "\(sql): \(checked.text)")
          try await project.run(asOf: night)
        }
      }
    }
  }

  @Test func `what is published is not for dropping`() async throws {
    try await withScript { project, write in
      for sql in [
        "DROP VIEW marketing.users_current", "ALTER VIEW marketing.users RENAME TO people",
        "DROP SCHEMA marketing CASCADE",
      ] {
        try write(sql)
        let checked = try await project.check()
        #expect(
          checked.errors.first?.message.contains("what this pipeline publishes") == true,
          "\(checked.text)")
      }
    }
  }

  /// What no text shows: the statement is asked for by the file's line.
  @Test func `a statement that takes away what is published ends the run`() async throws {
    try await withScript { project, write in
      try write("SELECT 1")
      try await project.run()
      let shown = try await project.rows("TABLE marketing.users_current")
      for sql in [
        "DO 'BEGIN DROP VIEW marketing.users_current; END'",
        "DO 'BEGIN DROP VIEW marketing.users CASCADE; END'",
        "DO 'BEGIN ALTER VIEW marketing.users_current RENAME TO other; END'",
        "DO 'BEGIN ALTER VIEW marketing.users_current SET SCHEMA shop; END'",
        "DO 'BEGIN DROP SCHEMA marketing CASCADE; END'",
        "DO 'BEGIN DROP TABLE roost_data.marketing_users CASCADE; END'",
        "DO 'BEGIN EXECUTE ''DROP TABLE '' || (SELECT inhrelid::regclass FROM pg_inherits LIMIT 1); END'",
        "DO 'BEGIN DROP SCHEMA roost CASCADE; END'",
      ] {
        try await project.sql("GRANT CREATE ON SCHEMA shop TO PUBLIC")
        try write("SELECT 1;\n\n\(sql);\nSELECT 2")
        let ran = try await project.run(asOf: "2026-06-02", expecting: .failed)
        let error = ran.outcome.error ?? ""
        #expect(error.contains("sql/levels.sql:3:1: DO takes "), "\(sql): \(error)")
        #expect(try await project.rows("TABLE marketing.users_current") == shown)
      }
    }
  }

  /// Nobody misses a table into which no pipeline brings rows any more.
  @Test(arguments: [false, true])
  func `a table may go once its pipeline has run without it`(isForgotten: Bool) async throws {
    try await withScript { project, write in
      let role = try #require(project.role)
      try await project.sql(
        """
        CREATE SCHEMA own AUTHORIZATION \(role.name);
        SET ROLE \(role.name);
        CREATE TABLE own.users (user_id int8 PRIMARY KEY, since timestamptz);
        RESET ROLE;
        """)
      func feed(_ publish: String) throws {
        try project.write(
          "feed.yaml",
          """
          pipeline: feed
          stages:
            users: { extract: { from: shop, sql: "SELECT user_id, since FROM shop.users", key: user_id, time: since } }
            publish: { write: { input: users, table: \(publish), key: user_id } }
          """)
      }
      try feed("own.users, mode: upsert")
      try await project.run("feed.yaml")
      try write("SELECT 1;\nDROP TABLE own.users")
      let ran = try await project.run(expecting: .failed)
      #expect(
        ran.outcome.error?.contains("sql/levels.sql:2:1: DROP takes own.users away") == true,
        "\(ran.outcome.error ?? "")")
      try feed("marketing.feed")
      // A few stages, or a night long past, give up nothing.
      try await project.run("feed.yaml", asOf: "2026-06-02", only: ["users"])
      try await project.run("feed.yaml", asOf: "2026-05-01")
      try await project.run(expecting: .failed)
      try await project.run("feed.yaml", asOf: "2026-06-02")
      // The run that brought the rows may be so long ago that nothing is kept of it.
      if isForgotten {
        try await project.sql(
          "DELETE FROM roost.runs WHERE run_id IN (SELECT run_id FROM roost.merges)")
      }
      try await project.run(asOf: "2026-06-02")
      #expect(try await project.text("SELECT to_regclass('own.users')::text") == "null")
    }
  }

  /// Other runs forget what is old, and drop it, while a statement is under way.
  @Test func `what others forget meanwhile is not the statement's doing`() async throws {
    try await withScript { project, write in
      try project.writeUsers("more")
      try await project.run("more.yaml")
      try write(
        "SELECT 1;\nDO 'BEGIN PERFORM pg_advisory_xact_lock_shared(77, 77); END';\nSELECT 2")
      let gate = try await project.database.connect()
      try await gate.query("SELECT pg_advisory_lock(77, 77)")
      let running = Task { try await project.run() }
      try await project.wait(
        for: "EXISTS (SELECT FROM \(TestProject.advisoryLocks) AND classid = 77 AND NOT granted)")
      let rows = try #require(
        try await project.text(
          "SELECT rows_in FROM roost.publications WHERE target = 'marketing.more'"))
      try await project.sql(
        """
        DELETE FROM roost.current_publications WHERE target = 'marketing.more';
        DELETE FROM roost.publications WHERE target = 'marketing.more';
        ALTER TABLE roost_data.marketing_more DETACH PARTITION \(rows);
        DROP TABLE \(rows);
        """)
      await gate.close()
      _ = try await running.value
      #expect(try await project.count("marketing.users_current") == 10)
    }
  }

  @Test func `a right that was not given is a warning`() async throws {
    try await withScript { project, write in
      try await setUp(project)
      try await project.sql("CREATE ROLE \(project.database.name)_reader")
      try write(
        """
        GRANT SELECT ON own.mine TO \(project.database.name)_reader;
        GRANT SELECT ON crm.others TO \(project.database.name)_reader;
        """)
      let ran = try await project.run()
      #expect(
        ran.result(of: "levels")?.warnings == [
          "line 2, GRANT: no privileges were granted for \"others\""
        ])
      try await project.sql(
        "REVOKE ALL ON own.mine FROM \(project.database.name)_reader; DROP ROLE \(project.database.name)_reader"
      )
    }
  }

  @Test func `row security that lets no row in is known before`() async throws {
    let insert =
      "INSERT INTO own.mine SELECT 1, 'x' ON CONFLICT (id) DO UPDATE SET level = excluded.level"
    try await withScript { project, write in
      try await setUp(project)
      try await project.sql(
        """
        CREATE UNIQUE INDEX ON own.mine (id);
        ALTER TABLE own.mine ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
        CREATE POLICY seen ON own.mine FOR SELECT USING (true);
        """)
      try write(insert)
      try project.write(
        stages: SQLStageTests.stages.replacing(
          "run: sql/levels.sql", with: "run: sql/levels.sql\n      row_security: as it is"))
      for way in ["INSERT", "UPDATE"] {
        let checked = try await project.check()
        #expect(
          checked.errors.first?.message.contains(
            "row security of own.mine lets the role") == true, "\(checked.text)")
        #expect(checked.errors.first?.message.contains("\(way) no row") == true)
        try await project.sql(
          "CREATE POLICY p_\(way) ON own.mine FOR \(way) "
            + (way == "INSERT" ? "WITH CHECK (true)" : "USING (true)"))
      }
      let checked = try await project.check()
      #expect(checked.errors.isEmpty, "\(checked.text)")
      try await project.run()
    }
  }
}
