import Foundation
import Inspection
import PipelineFiles
import PostgresClient
import Testing

/// SQL of a pipeline's own, which runs in the transaction that publishes the run.
@Suite struct SQLStageTests {
  static let stages = """
      users: { extract: { from: shop, table: shop.users, key: user_id, time: since } }
      publish: { write: { input: users, table: marketing.users, key: user_id } }
      levels:
        after: publish
        sql:
          run: sql/levels.sql
          creates:
            marketing.levels: { day: timestamptz, run: bigint, level: text, users: bigint }
    """
  static let levels = """
    -- The same as-of again replaces its own rows.
    DELETE FROM marketing.levels WHERE day = :as_of;
    INSERT INTO marketing.levels
    SELECT :as_of, :run_id, level, count(*) FROM marketing.users_current GROUP BY level;
    """

  private func withUsers<Value: Sendable>(
    settings: String = "", stages: String = stages, levels: String = levels,
    _ body: (TestProject) async throws -> Value
  ) async throws -> Value {
    try await withProject(settings: settings) { project in
      try await project.setUpUsers()
      try project.write(stages: stages)
      try project.write("sql/levels.sql", levels)
      return try await body(project)
    }
  }

  @Test func `statements see the rows of their run and appear with them`() async throws {
    try await withUsers(settings: "grant_to: pg_monitor") { project in
      let first = try await project.check()
      #expect(first.diagnostics.isEmpty, "\(first.text)")
      let ran = try await project.run()
      #expect(
        try await project.rows("SELECT * FROM marketing.levels")
          == ["(\"2026-06-01 00:00:00+00\",\(ran.run),gold,10)"])
      #expect(
        try await project.text(
          "SELECT has_table_privilege('pg_monitor', 'marketing.levels', 'SELECT')::text")
          == "true")
      let result = try #require(ran.result(of: "levels"))
      #expect(result.rows == 1)
      #expect(
        result.notes == [
          "marketing.levels: made", "line 2, DELETE: 0 rows", "line 3, INSERT: 1 row",
        ])
      let shown = try await project.program.run("show")
      #expect(shown.output.contains("line 3, INSERT: 1 row"), "\(shown.output)")
      #expect(
        try await project.texts("SELECT state FROM roost.stages WHERE stage = 'levels'")
          == ["succeeded"])

      // The night after, and the same night again.
      try await project.sql("INSERT INTO shop.users VALUES (11, 'silver', '2019-01-01')")
      let second = try await project.check(asOf: "2026-06-02")
      #expect(second.diagnostics.isEmpty, "\(second.text)")
      for _ in 1...2 { try await project.run(asOf: "2026-06-02") }
      #expect(
        try await project.rows("SELECT day::date, level, users FROM marketing.levels")
          == ["(2026-06-01,gold,10)", "(2026-06-02,gold,10)", "(2026-06-02,silver,1)"])
    }
  }

  @Test func `a stage whose publication is tried again is told of once`() async throws {
    let levels = Self.levels + "\nSELECT shop.once();\n"
    try await withUsers(levels: levels) { project in
      // A sequence goes on although the transaction does not.
      try await project.sql(
        """
        CREATE SEQUENCE shop.tries;
        CREATE FUNCTION shop.once() RETURNS int8 LANGUAGE plpgsql AS $$ BEGIN
          IF nextval('shop.tries') < 3 THEN RAISE 'again' USING ERRCODE = '40001'; END IF;
          RETURN 1; END $$
        """)
      let run = try await project.program.run("run", "pipeline.yaml", "--format", "json")
      #expect(run.status == 0, "\(run.errors)")
      let told = try run.output.split(separator: "\n").map {
        try #require(JSONValue(parsing: String($0)))
      }
      let levels = told.filter { $0["stage"]?.string == "levels" }
      #expect(levels.map { $0["event"]?.string }.filter { $0 == "begin" }.count == 1)
      #expect(try await project.text("SELECT last_value::text FROM shop.tries") == "3")
    }
  }

  @Test func `a statement that fails publishes nothing`() async throws {
    let levels = Self.levels + "\nSELECT 1 / (user_id - 11)\nFROM marketing.users_current;\n"
    try await withUsers(levels: levels) { project in
      try await project.run()
      try await project.sql("INSERT INTO shop.users VALUES (11, 'silver', '2019-01-01')")
      let before = try await project.rows("SELECT * FROM marketing.levels")
      let ended = try await project.program.run("run", "pipeline.yaml", "--as-of", "2026-06-02")
      #expect(ended.status == 1)
      #expect(
        ended.errors.contains("sql/levels.sql:5:1: division by zero [SQLSTATE 22012]"),
        "\(ended.errors)")
      #expect(try await project.rows("SELECT * FROM marketing.levels") == before)
      #expect(try await project.count("marketing.users_current") == 10)
      #expect(
        try await project.texts(
          "SELECT stage || ' ' || state FROM roost.stages WHERE run_id = 2 ORDER BY position")
          == ["users succeeded", "publish succeeded", "levels failed"])
      #expect(
        try await project.text("SELECT error FROM roost.runs WHERE run_id = 2")?
          .hasPrefix("stage levels failed: ") == true)
      #expect(try await project.relations(in: "roost_data") == ["marketing_users_r1_1"])
    }
  }

  @Test func `a table that cannot be made publishes nothing`() async throws {
    try await withUsers(levels: "SELECT 1") { project in
      // What only the attempt shows.
      try await project.sql(
        """
        CREATE FUNCTION refuse() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN
          IF EXISTS (SELECT FROM pg_event_trigger_ddl_commands()
            WHERE object_identity = 'marketing.levels') THEN PERFORM 1 / 0; END IF; END $$;
        CREATE EVENT TRIGGER refusing ON ddl_command_end WHEN TAG IN ('CREATE TABLE')
          EXECUTE FUNCTION refuse();
        """)
      let ended = try await project.program.run("run", "pipeline.yaml", "--as-of", "2026-06-01")
      #expect(ended.status == 1)
      #expect(
        ended.errors.contains(
          "stage levels failed: pipeline.yaml:11:9: division by zero"),
        "\(ended.errors)")
      #expect(try await project.text("SELECT to_regnamespace('marketing')::text") == "null")
    }
  }

  @Test func `rows that a policy hides are an error unless there is a reason`() async throws {
    let levels =
      "INSERT INTO marketing.levels SELECT :as_of, :run_id, level, count(*) FROM shop.users GROUP BY level"
    try await withUsers(levels: levels) { project in
      try await project.sql(
        """
        ALTER TABLE shop.users ENABLE ROW LEVEL SECURITY;
        CREATE POLICY near ON shop.users USING (user_id < 4);
        CREATE TABLE shop.all_users AS TABLE shop.users;
        """)
      let stages = Self.stages.replacing("table: shop.users", with: "table: shop.all_users")
      try project.write(stages: stages)
      let checked = try await project.check()
      #expect(
        checked.text.contains(
          "error[R0502]: query would be affected by row-level security policy for table \"users\""),
        "\(checked.text)")
      #expect(checked.text.contains("row_security: REASON"))
      try project.write(
        stages: stages.replacing(
          "run: sql/levels.sql",
          with: "run: sql/levels.sql\n      row_security: only those of this branch"))
      try await project.run()
      #expect(try await project.rows("SELECT level, users FROM marketing.levels") == ["(gold,3)"])
    }
  }

  @Test func `an error does not tell values of rows`() async throws {
    try await withUsers(
      levels: "SELECT level::int FROM marketing.users_current"
    ) { project in
      let ran = try await project.run(expecting: .failed)
      let error = ran.outcome.error ?? ""
      #expect(error.contains("SQLSTATE 22P02"), "\(error)")
      #expect(!error.contains("gold"), "\(error)")
    }
  }

  @Test func `a run killed between its statements leaves nothing`() async throws {
    let levels = Self.levels + "\nSELECT pg_advisory_xact_lock(4711);"
    try await withUsers(levels: levels) { project in
      let holder = try await project.database.connect()
      try await holder.query("SELECT pg_advisory_lock(4711)")
      let running = try project.program.start(["run", "pipeline.yaml", "--as-of", "2026-06-01"])
      while try await project.count(
        "pg_stat_activity WHERE wait_event = 'advisory' AND query LIKE '%4711%'") == 0
      { await Task.yield() }
      running.kill()
      _ = try await running.result()
      await holder.close()
      while try await project.count(
        "pg_stat_activity WHERE datname = current_database() AND query LIKE '%4711%'") > 1
      { await Task.yield() }
      #expect(try await project.text("SELECT to_regclass('marketing.levels')::text") == "null")
      #expect(try await project.text("SELECT to_regclass('marketing.users')::text") == "null")
      let next = try await project.program.run("run", "pipeline.yaml", "--as-of", "2026-06-01")
      #expect(next.status == 0, "\(next.errors)")
      #expect(try await project.count("marketing.levels") == 1)
    }
  }

  @Test func `parameters come in as values`() async throws {
    let stages = """
        hello:
          sql:
            run: INSERT INTO marketing.words SELECT :word, ':word'
            creates: { marketing.words: { word: text, other: text } }
      """
    try await withUsers { project in
      try project.write(
        TestProject.pipeline,
        """
        pipeline: test
        parameters: { word: "'); DROP TABLE x; -- \\\\ $$ :as_of" }
        stages:
        \(stages)
        """)
      try await project.run()
      #expect(
        try await project.texts("SELECT word FROM marketing.words")
          == ["'); DROP TABLE x; -- \\ $$ :as_of"])
      #expect(try await project.texts("SELECT other FROM marketing.words") == [":word"])
    }
  }

  @Test func `without publication and in an environment statements are left out`() async throws {
    try await withUsers { project in
      let unpublished = try await project.run(publishes: false)
      #expect(
        unpublished.result(of: "levels")?.notes == ["left out: the run does not publish"])
      let dev = try await project.run(environment: "dev")
      #expect(
        dev.result(of: "levels")?.notes == [
          "left out in environment dev: its SQL names tables itself, and would write into the project's own"
        ])
      #expect(try await project.count("marketing__dev.users_current") == 10)
      let rendered = try await project.program.run(
        "render", "pipeline.yaml", "levels", "--environment", "dev")
      #expect(rendered.status == 2)
      #expect(
        rendered.errors.contains("stage 'levels' sends no SQL: it is left out in environment dev"),
        "\(rendered.errors)")
      #expect(try await project.text("SELECT to_regnamespace('marketing')::text") == "null")
    }
  }

  @Test func `a stage that fails before keeps statements from running`() async throws {
    let stages = """
        users: { extract: { from: shop, table: shop.users, key: user_id, time: since } }
        clean: { clean: { input: users, expect: [ { rows: ">= 1000" } ] } }
        publish: { write: { input: clean, table: marketing.users, key: user_id } }
        first: { sql: { run: CREATE TABLE shop.made (x int) } }
      """
    try await withUsers(stages: stages) { project in
      try await project.run(expecting: .blocked)
      #expect(try await project.text("SELECT to_regclass('shop.made')::text") == "null")
      #expect(
        try await project.text("SELECT state FROM roost.stages WHERE stage = 'first'") == "skipped")
    }
  }

  @Test func `plan and render say what is done at publication`() async throws {
    try await withUsers { project in
      let checked = try #require(try await project.check().pipeline)
      let lines = try await PlanReport(checked.request(environment: .standard, publishes: true))
        .lines
      #expect(lines.contains("3. levels (sql) ← publish"), "\(lines)")
      #expect(lines.contains("   at publication: 2 statements: DELETE, INSERT"), "\(lines)")
      #expect(lines.contains("   marketing.levels is made"), "\(lines)")
      let rendered = try await project.program.run(
        "render", "pipeline.yaml", "levels", "--as-of", "2026-06-01")
      #expect(
        rendered.output == """
          -- to warehouse, in the transaction that publishes the run, whose number is :run_id
          -- where it is not there:
          CREATE TABLE "marketing"."levels" ("day" timestamp with time zone, "run" bigint, "level" text, "users" bigint);
          DELETE FROM marketing.levels WHERE day = timestamptz '2026-06-01 00:00:00+00';
          INSERT INTO marketing.levels
          SELECT timestamptz '2026-06-01 00:00:00+00', :run_id, level, count(*) FROM marketing.users_current GROUP BY level;

          """, "\(rendered.errors)")
      let lineage = try await project.program.run("lineage", "pipeline.yaml")
      #expect(
        lineage.output.contains("levels (sql) ← publish → marketing.levels"), "\(lineage.output)")
      let column = try await project.program.run(
        "lineage", "pipeline.yaml", "marketing.levels.users")
      #expect(column.output.contains("warehouse: sql/levels.sql"), "\(column.output)")
    }
  }
}
