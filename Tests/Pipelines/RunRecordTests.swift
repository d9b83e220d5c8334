import Foundation
import PipelineFiles
import State
import Testing

/// What is kept of a run and how it is listed.
@Suite struct RunRecordTests {
  @Test func `a run that did not publish is not listed as one that did`() async throws {
    try await withProject { project in
      try await project.setUpUsers()
      try await project.run("users.yaml", asOf: "2026-06-01")
      try await project.run("users.yaml", asOf: "2026-06-02", publishes: false)
      let store = try await RunStore.open(project.stateDatabase)
      let runs = try await store.runs(limit: 5)
      await store.close()
      #expect(runs.map(\.publishes) == [false, true])
      #expect(runs.map(\.zone.name) == ["Asia/Shanghai", "Asia/Shanghai"])
      let listed = try await project.program.run("runs").output.split(separator: "\n")
      #expect(listed[1].contains("succeeded, not published"), "\(listed)")
      #expect(!listed[2].contains("not published"))
      // In the zone in which it was asked for.
      #expect(listed[1].contains(" 2026-06-02 ") && listed[2].contains(" 2026-06-01 "))
      let shown = try await project.program.run("show", "2").output
      #expect(shown.contains("as of 2026-06-02 (Asia/Shanghai), succeeded, not published"))
    }
  }

  @Test func `a cancelled run gives no other reason`() async throws {
    try await withProject { project in
      try await project.setUpUsers()
      let task = Task {
        try await project.run("users.yaml", expecting: .cancelled) { event in
          if case .began = event { withUnsafeCurrentTask { $0?.cancel() } }
        }
      }
      #expect(try await task.value.outcome.error == nil)
      #expect(
        try await project.texts("SELECT state || coalesce(error, '') FROM roost.runs")
          == ["cancelled"])
    }
  }

  @Test func `a run says where and by whom it is made, and how long it was worked at`() async throws
  {
    try await withProject { project in
      try await project.setUpNightlyUsers()
      try project.writeNightly(
        "max_drop: 100%", more: Self.failing("1 / (user_id - 1) FROM shop.users"))
      try await project.run(expecting: .failed)
      // Ten minutes' work, then nobody was at it for hours.
      try await project.sql(
        """
        UPDATE roost.runs SET started_at = now() - interval '9 hours',
          attempt_began_at = now() - interval '9 hours', finished_at = now() - interval '530 minutes'
        """)
      try project.writeNightly("max_drop: 100%", more: Self.failing("1 / user_id FROM shop.users"))
      try await project.run(resumes: true)
      let result = try await project.program.run("show", "1", "--format", "json")
      let run = try #require(JSONValue(parsing: result.output))
      let took = try #require(run["took_seconds"]?.double)
      #expect(took > 600 && took < 3600 * 8, "\(took)")
      #expect(run["host"]?.string?.isEmpty == false && run["made_by"]?.string == NSUserName())
      #expect(run["pid"]?.double == Double(ProcessInfo.processInfo.processIdentifier))
      let shown = try await project.program.run("show", "1").output
      #expect(shown.contains("latest attempt by \(NSUserName())@"), "\(shown)")
      #expect(shown.contains(", roost "), "\(shown)")
    }
  }

  private static func failing(_ sql: String) -> String {
    "  mark: { after: [publish], sql: { run: \"SELECT \(sql)\" } }"
  }

  @Test func `every time that programs read is one of RFC 3339`() async throws {
    try await withProject { project in
      try await project.setUpUsers()
      try await project.run("users.yaml", asOf: "2026-06-01")
      let name = "users"
      for command in [
        ["runs"], ["show", "1"], ["logs", "1"], ["rollback", name, "--list"], ["diff", "1"],
        ["why", name], ["plan", "users.yaml"],
      ] {
        let result = try await project.program.start(command + ["--format", "json"]).result()
        #expect(result.status == 0, "\(command): \(result.errors)")
        let others = result.output.matches(of: /\d{4}-\d\d-\d\d \d\d:\d\d[^"]*/).map { "\($0.0)" }
        // Sentences for people name their zone.
        #expect(others.allSatisfy { _ in command[0] == "why" }, "\(command): \(others)")
        let isTimed = result.output.contains(/"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z"/)
        #expect(isTimed || command[0] == "why", "\(command)")
      }
    }
  }

  @Test func `sessions are called after the run and the stage for which they work`() async throws {
    try await withProject { project in
      try await project.setUpUsers()
      func named(_ name: String) -> String {
        """
        EXISTS (SELECT FROM pg_stat_activity WHERE application_name = '\(name)'
          AND datname = current_database())
        """
      }
      let holder = try await project.database.connect()
      try await holder.query(
        "SELECT pg_advisory_lock(hashtextextended('roost.target/marketing.users', 0))")
      let running = try project.program.start(["run", "users.yaml", "--as-of", "2026-06-01"])
      try await project.wait(for: named("roost run 1"))
      try await project.wait(for: named("roost run 1 publish"))
      await holder.close()
      #expect(try await running.result().status == 0)
    }
  }
}
