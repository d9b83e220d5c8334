import Foundation
import PipelineFiles
import PostgresClient
import TestSupport
import Testing

/// Commands that only ask need the right to read and nothing else, and leave the state as it is.
@Suite struct ReadingCommandsTests {
  private static let commands = [
    ["runs"], ["show", "1"], ["logs", "1"], ["why", "test"], ["metrics"], ["diff", "1"],
    ["rollback", "test", "--list"], ["schedule", ".", "--past", "5"],
  ]

  private func withRun(_ body: (TestProject) async throws -> Void) async throws {
    try await withProject { project in
      try await project.setUpNightlyUsers()
      try project.writeNightly()
      try await project.run(asOf: "2024-06-01")
      try await body(project)
    }
  }

  private func withOlderProject(_ body: (TestProject) async throws -> Void) async throws {
    try await withProject { project in
      try await project.setUpNightlyUsers()
      try project.writeNightly()
      try await project.makeOlderState()
      try await body(project)
    }
  }

  @Test func `a role that may only read asks, also a state that the version before has made`()
    async throws
  {
    try await withOlderProject { project in
      let role = "asker_of_\(project.database.name)"
      try await project.sql(
        """
        CREATE ROLE \(role) LOGIN;
        GRANT USAGE ON SCHEMA roost, roost_data, shop TO \(role);
        GRANT SELECT ON ALL TABLES IN SCHEMA roost, roost_data, shop TO \(role)
        """)
      var asking = project
      let url = project.database.url.replacing("user=postgres", with: "user=\(role)")
      asking.environment["WAREHOUSE_DATABASE_URL"] = url
      asking.environment["SHOP_DATABASE_URL"] = url
      for command in Self.commands {
        let result = try await asking.program.start(command).result()
        #expect(result.status == 0, "\(command): \(result.errors)")
      }
      // What it may not do itself is no answer.
      let why = try await asking.program.run("why", "test", "--format", "json")
      #expect(JSONValue(parsing: why.output)?["cause"]?.string != "wrong_files", "\(why.output)")
      #expect(try await project.text("SELECT max(version) FROM roost.schema_version") == "7")
      try await project.sql("DROP OWNED BY \(role); DROP ROLE \(role)")
    }
  }

  @Test func `where nothing ever ran nothing is made`() async throws {
    try await withProject { project in
      try await project.setUpNightlyUsers()
      try project.writeNightly()
      for command in [["runs"], ["metrics"], ["why", "test"], ["rollback", "test", "--list"]] {
        let result = try await project.program.start(command).result()
        #expect(result.status == 0, "\(command): \(result.errors)")
      }
      let show = try await project.program.run("show")
      #expect(show.errors.contains("there are no runs yet"), "\(show.errors)")
      #expect(try await project.text("SELECT to_regnamespace('roost')") == "null")
    }
  }

  @Test func `a run whose process is gone is told as lost, and its row stays for who settles it`()
    async throws
  {
    try await withRun { project in
      try await project.sql(
        """
        INSERT INTO roost.runs (pipeline, as_of, state, publishes)
        VALUES ('test', '2024-06-02Z', 'running', true);
        INSERT INTO roost.stages (run_id, position, stage, kind, state, started_at)
        VALUES (2, 0, 'users', 'extract', 'running', now())
        """)
      let runs = try await project.program.run("runs", "--format", "json")
      let states = try #require(JSONValue(parsing: runs.output)?.texts(of: "state"))
      #expect(states == ["lost", "succeeded"])
      let show = try await project.program.run("show")
      #expect(show.output.contains("lost") && show.output.contains("without a word"))
      #expect(show.output.contains("cancelled"), "\(show.output)")
      let logs = try await project.program.run("logs", "2")
      #expect(logs.errors.contains("run 2 is lost"), "\(logs.errors)")
      let why = try await project.program.run("why", "test")
      #expect(why.output.contains("lost"), "\(why.output)")
      let metrics = try await project.program.run("metrics")
      #expect(
        metrics.output.contains(
          #"roost_run_state{pipeline="test",environment="",state="lost"} 1"#), "\(metrics.output)")
      #expect(
        metrics.output.contains(#"roost_runs{pipeline="test",environment="",state="lost"} 1"#))
      #expect(try await project.text("SELECT state FROM roost.runs WHERE run_id = 2") == "running")
      try await project.run(asOf: "2024-06-03")
      #expect(try await project.text("SELECT state FROM roost.runs WHERE run_id = 2") == "lost")
    }
  }

  @Test func `the state is brought up to date by a command of its own, which can be tried`()
    async throws
  {
    try await withOlderProject { project in
      let tried = try await project.program.run("migrate", "--dry-run")
      #expect(tried.status == 0)
      #expect(tried.output.contains("CREATE INDEX runs_by_as_of"), "\(tried.output)")
      #expect(tried.errors.contains("has version 7"), "\(tried.errors)")
      #expect(try await project.text("SELECT max(version) FROM roost.schema_version") == "7")
      let done = try await project.program.run("migrate")
      #expect(done.errors.contains("it was 7"), "\(done.errors)")
      let again = try await project.program.run("migrate")
      #expect(again.errors.contains("already"), "\(again.errors)")
    }
  }

  @Test func `what is printed does the same`() async throws {
    try await withOlderProject { project in
      let tried = try await project.program.run("migrate", "--dry-run")
      try await project.sql(tried.output)
      #expect(try await project.program.run("migrate").errors.contains("already"))
    }
  }

  /// Its tables stay divided by run: they are published into, taken back and found whole as ever.
  @Test func `a project of the version before goes on`() async throws {
    try await withOlderProject { project in
      let seen =
        "SELECT count(*) || ' of ' || string_agg(DISTINCT run_id::text, ',') FROM marketing.users"
      #expect(try await project.text(seen + "_current") == "10 of 1")
      try await project.run(asOf: "2024-06-01")
      try await project.run(asOf: "2024-06-01")
      #expect(try await project.text(seen + "_current") == "10 of 3")
      #expect(try await project.text(seen) == "20 of 1,3")
      let bound = "pg_get_expr(relpartbound, oid)"
      let parts = try await project.texts(
        """
        SELECT \(bound) FROM pg_class WHERE relispartition AND relname LIKE 'marketing_users_r%'
        ORDER BY relname
        """)
      #expect(parts == (1...3).map { "FOR VALUES IN ('\($0)')" })
      try await project.rollback { _ = try await $0.go(to: 1, by: "a test") }
      #expect(try await project.text(seen + "_current") == "10 of 1")
      let checked = try await project.check(asOf: "2024-06-02")
      #expect(checked.text.isEmpty, "\(checked.text)")
      try await project.sql(
        """
        ALTER TABLE roost_data.marketing_users_r3_1 RENAME TO other;
        ALTER TABLE roost_data.marketing_users_r2_1 DISABLE TRIGGER USER;
        TRUNCATE roost_data.marketing_users_r2_1
        """)
      let damaged = try await project.check(asOf: "2024-06-02").text
      #expect(damaged.contains("is called roost_data.other now"), "\(damaged)")
      #expect(damaged.contains("the rows of run 2 of marketing.users are gone"), "\(damaged)")
      let repaired = try await project.program.run("repair", "test")
      #expect(repaired.status == 0, "\(repaired.errors)")
      #expect(try await project.text(seen) == "20 of 1,3")
      try await project.sql("DROP VIEW marketing.users, marketing.users_current")
      try await project.run(asOf: "2024-06-02")
      // Made again, they are those of today.
      #expect(try await project.text(seen + "_current") == "10 of 4")
      #expect(try await project.text(seen) == "30 of 1,3,4")
    }
  }

  @Test func `a state that is too old to be asked says which command brings it up to date`()
    async throws
  {
    try await withRun { project in
      try await project.sql("DELETE FROM roost.schema_version WHERE version > 5")
      let runs = try await project.program.run("runs")
      #expect(runs.status == 1)
      #expect(runs.errors.contains("roost migrate"), "\(runs.errors)")
    }
  }

  @Test func `the SQL for a new state makes it`() async throws {
    try await withProject { project in
      try await project.setUpNightlyUsers()
      try project.writeNightly()
      let tried = try await project.program.run("migrate", "--dry-run")
      try await project.database.connection.execute(
        script: "SET ROLE \(project.role?.name ?? "postgres");" + tried.output + ";RESET ROLE")
      #expect(try await project.program.run("migrate").errors.contains("already"))
      try await project.run(asOf: "2024-06-01")
    }
  }
}

extension JSONValue {
  fileprivate func texts(of key: String) -> [String]? {
    guard case .array(let values) = self else { return nil }
    return values.compactMap { $0[key]?.string }
  }
}
