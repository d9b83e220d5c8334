import Foundation
import PipelineFiles
import Scheduling
import State
import TestSupport
import Testing

/// `roost why` in each of the situations in which operators ask it.
@Suite struct WhyTests {
  private static let due = "schedule: { cron: \"* * * * *\" }\nas_of: hour"

  private func pipeline(_ settings: String, check: String = "") -> String {
    """
    pipeline: nightly
    timezone: UTC
    \(settings)
    stages:
      users: { extract: { from: shop, table: shop.users, key: user_id, time: since } }
      \(check)
      publish: { write: { input: users, table: marketing.users, key: user_id } }
    """
  }

  private func withNightly(
    _ settings: String = due, check: String = "", _ body: (TestProject) async throws -> Void
  ) async throws {
    try await withProject { project in
      try await project.setUpUsers()
      try project.write("nightly.yaml", pipeline(settings, check: check))
      try await body(project)
    }
  }

  private func cause(_ project: TestProject, _ name: String = "nightly") async throws
    -> (String?, String)
  {
    let result = try await project.program.run("why", name, "--format", "json")
    #expect(result.status == 0, "\(result.errors)")
    let json = try #require(JSONValue(parsing: result.output))
    guard case .array(let lines)? = json["lines"] else { return (nil, result.output) }
    return (json["cause"]?.string, lines.compactMap(\.string).joined(separator: "\n"))
  }

  @Test func `a name that nothing has is answered with the nearest`() async throws {
    try await withNightly { project in
      let result = try await project.program.run("why", "nihgtly")
      #expect(result.status == 64)
      #expect(result.errors.contains("did you mean 'nightly'?"), "\(result.errors)")
    }
  }

  @Test func `a file with a mistake is named with its line`() async throws {
    try await withNightly { project in
      try project.write(
        "nightly.yaml", pipeline(Self.due).replacing("extract:", with: "extarct:"))
      let (cause, text) = try await cause(project)
      #expect(cause == "broken_file")
      #expect(text.contains("nightly.yaml:6:"), "\(text)")
      #expect(text.contains("'extract'"), "\(text)")
    }
  }

  @Test func `a column that is gone is named too`() async throws {
    try await withNightly { project in
      try await project.sql("ALTER TABLE shop.users DROP COLUMN since")
      let (cause, text) = try await cause(project)
      #expect(cause == "wrong_files")
      #expect(text.contains("since"), "\(text)")
    }
  }

  @Test func `a database that is down is named`() async throws {
    try await withNightly { project in
      var project = project
      project.environment["SHOP_DATABASE_URL"] = "postgresql://nobody@127.0.0.1:1/shop"
      let (cause, text) = try await cause(project)
      #expect(cause == "database_down")
      #expect(text.contains("127.0.0.1:1/shop"), "\(text)")
      project.environment["WAREHOUSE_DATABASE_URL"] = "postgresql://nobody@127.0.0.1:1/state"
      let (other, more) = try await self.cause(project)
      #expect(other == "database_down")
      #expect(more.contains("127.0.0.1:1/state"), "\(more)")
    }
  }

  @Test func `a run under way is named, with what it does`() async throws {
    try await withNightly { project in
      try await project.run("nightly.yaml", asOf: "2026-05-01")
      let holder = try await project.database.connect()
      try await holder.query(
        "SELECT pg_advisory_lock(hashtextextended('roost.target/marketing.users', 0))")
      let running = try project.program.start(["run", "nightly.yaml"])
      try await project.wait(
        for: "EXISTS (SELECT FROM \(TestProject.advisoryLocks) AND NOT granted)")
      let (cause, text) = try await cause(project)
      #expect(cause == "underway")
      #expect(text.contains("Run 2"), "\(text)")
      #expect(text.contains("in publish"), "\(text)")
      await holder.close()
      #expect(try await running.result().status == 0)
    }
  }

  @Test func `a check that failed is told with what it found`() async throws {
    let check = "many: { check: { input: users, expect: [ { rows: '>= 50' } ] } }"
    try await withNightly("as_of: hour", check: check) { project in
      let run = try await project.program.run("run", "nightly.yaml")
      #expect(run.status == 3)
      let (cause, text) = try await cause(project)
      #expect(cause == "check_failed")
      #expect(text.contains("What was published before stays."), "\(text)")
      #expect(text.contains("10"), "\(text)")
      #expect(text.contains("roost retry 1"), "\(text)")
    }
  }

  @Test func `a machine that was off is told from a scheduler that never was`() async throws {
    try await withNightly { project in
      var (cause, text) = try await cause(project)
      #expect(cause == "no_scheduler")
      #expect(text.contains("no scheduler has ever looked"), "\(text)")
      // A scheduler looked, and then nobody did for a day.
      let looked = try await project.program.run("schedule", "--once")
      #expect(looked.status == 0, "\(looked.errors)")
      try await project.sql(
        """
        UPDATE roost.schedules SET looked_at = looked_at - interval '1 day',
          considered_until = considered_until - interval '1 day';
        DELETE FROM roost.ticks;
        """)
      (cause, text) = try await self.cause(project)
      #expect(cause == "no_scheduler")
      #expect(text.contains("The machine or the scheduler was off"), "\(text)")
    }
  }

  @Test func `a cron line that never comes due is told`() async throws {
    try await withNightly("schedule: { cron: \"0 0 30 2 *\" }") { project in
      let (cause, text) = try await cause(project)
      // Such a line is a mistake of the file.
      #expect(cause == "broken_file")
      #expect(text.contains("nightly.yaml:3:") && text.contains("is never due"), "\(text)")
    }
  }

  @Test func `a backfill says nothing of tonight`() async throws {
    try await withNightly("as_of: hour") { project in
      try await project.run("nightly.yaml", asOf: "2026-05-02")
      try await project.sql("UPDATE roost.runs SET state = 'failed', error = 'too late'")
      try await project.run("nightly.yaml", asOf: "2026-05-01")
      let (cause, text) = try await cause(project)
      #expect(cause == "failed")
      #expect(text.contains("Run 1 for 2026-05-02 00:00 failed."), "\(text)")
      let metrics = try await project.program.run("metrics").output
      let failed = #"roost_run_state{pipeline="nightly",environment="",state="failed"} 1"#
      #expect(metrics.contains(failed), "\(metrics)")
    }
  }

  @Test func `what was left out is told, however often others were due since`() async throws {
    try await withNightly { project in
      #expect(try await project.program.run("schedule", "--once").status == 0)
      try await project.sql(
        """
        DELETE FROM roost.ticks;
        INSERT INTO roost.ticks (pipeline, environment, as_of, zone, due_at, state, origin, reason)
        SELECT 'nightly', '', date_trunc('hour', now()), 'UTC', date_trunc('minute', now()), 'skipped',
          'late', 'for a test';
        INSERT INTO roost.ticks (pipeline, environment, as_of, zone, due_at, state, origin)
        SELECT 'other', '', now() + i * interval '1 second', 'UTC', now() + i * interval '1 second',
          'skipped', 'late'
        FROM generate_series(1, 300) i;
        """)
      let state = try await StateDatabase.open(project.stateDatabase)
      let ticks = try await TickLedger(state).latest(1, of: "nightly", environment: "")
      await state.close()
      #expect(ticks.map(\.reason) == ["for a test"])
    }
  }

  @Test func `what is different in the latest run is told`() async throws {
    try await withNightly("as_of: hour") { project in
      for day in 1...3 { try await project.run("nightly.yaml", asOf: "2026-05-0\(day)") }
      // How long stages take is the machine's business, unless somebody says so.
      try await project.sql(
        "UPDATE roost.stages SET finished_at = started_at + interval '1 second' * run_id")
      var (cause, text) = try await cause(project)
      #expect(cause == "no_schedule")
      #expect(!text.contains("usually"), "\(text)")
      try await project.sql(
        """
        UPDATE roost.stages SET finished_at = started_at + interval '90 seconds'
        WHERE run_id = 3 AND stage = 'publish'
        """)
      text = try await self.cause(project).1
      #expect(text.contains("publish: took 90.0 s, usually about 1.5 s"), "\(text)")
      #expect(!text.contains("users:"), "\(text)")
      try await project.sql("DELETE FROM shop.users WHERE user_id > 4")
      try project.write(
        "nightly.yaml",
        pipeline("as_of: hour").replacing("key: user_id }", with: "key: [user_id] }"))
      try await project.run("nightly.yaml", asOf: "2026-05-04")
      (cause, text) = try await self.cause(project)
      #expect(text.contains("users: 4 rows, usually about 10"), "\(text)")
      #expect(text.contains("publish: its definition changed"), "\(text)")
      #expect(!text.contains("users: its definition changed"), "\(text)")
    }
  }
}
