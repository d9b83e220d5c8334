import Foundation
import PipelineFiles
import Runs
import State
import TestSupport
import Testing

/// Logs, metrics, and how long it is kept what runs did.
@Suite struct InquiryTests {
  @Test func `logs tell what happened, for people and for programs`() async throws {
    try await withProject { project in
      try await project.setUpUsers()
      try await project.run("users.yaml")
      let text = try await project.program.run("logs", "1")
      #expect(text.status == 0, "\(text.errors)")
      #expect(text.output.contains("users  finish  10 rows"), "\(text.output)")
      #expect(text.output.contains("succeed"))
      let json = try await project.program.run("logs", "1", "publish", "--format", "json")
      let events = try json.output.split(separator: "\n").map {
        try #require(JSONValue(parsing: String($0)))
      }
      #expect(events.compactMap { $0["event"]?.string }.prefix(2) == ["begin", "finish"])
      #expect(events.allSatisfy { $0["stage"]?.string == "publish" })
      let unknown = try await project.program.run("logs", "1", "publihs")
      #expect(unknown.status == 64)
      #expect(unknown.errors.contains("it has users, more, publish"), "\(unknown.errors)")
    }
  }

  @Test func `logs can be followed until the run ends`() async throws {
    try await withProject { project in
      try await project.setUpUsers()
      try await project.run("users.yaml", asOf: "2026-05-01")
      let holder = try await project.database.connect()
      try await holder.query(
        "SELECT pg_advisory_lock(hashtextextended('roost.target/marketing.users', 0))")
      let running = try project.program.start(["run", "users.yaml", "--as-of", "2026-06-01"])
      try await project.wait(
        for: "EXISTS (SELECT FROM \(TestProject.advisoryLocks) AND NOT granted)")
      let following = try project.program.start(["logs", "2", "--follow"])
      // It asks for the run until it is over.
      try await project.wait(
        for:
          "EXISTS (SELECT FROM pg_stat_activity WHERE query LIKE '%FROM roost.events%' AND pid <> pg_backend_pid() AND datname = current_database())"
      )
      await holder.close()
      #expect(try await running.result().status == 0)
      let result = try await following.result()
      #expect(result.status == 0)
      #expect(result.output.contains("succeed"), "\(result.output)")
    }
  }

  @Test func `metrics are what Prometheus reads, and say what the tables say`() async throws {
    try await withProject { project in
      try await project.setUpUsers()
      try await project.run("users.yaml")
      let result = try await project.program.run("metrics")
      #expect(result.status == 0, "\(result.errors)")
      var samples: [String: Double] = [:]
      for line in result.output.split(separator: "\n") where !line.hasPrefix("#") {
        let match = try #require(
          line.wholeMatch(
            of: /([a-z_]+\{(?:[a-z_]+="[^"]*",?)*\}) (-?[0-9.]+)/), "\(line)")
        samples[String(match.1)] = Double(match.2)
      }
      let pipeline = "pipeline=\"users\",environment=\"\""
      #expect(samples["roost_run_state{\(pipeline),state=\"succeeded\"}"] == 1)
      #expect(samples["roost_run_state{\(pipeline),state=\"failed\"}"] == 0)
      #expect(samples["roost_stage_rows{\(pipeline),stage=\"more\"}"] == 10)
      #expect(
        samples["roost_published_rows{pipeline=\"users\",table=\"marketing.users\"}"] == 10)
      #expect(
        samples["roost_run_as_of_timestamp_seconds{\(pipeline)}"]
          == Double(
            try await project.text("SELECT extract(epoch FROM as_of) FROM roost.runs") ?? ""))
      let file = project.folder.appending(component: "roost.prom").path
      let written = try await project.program.run("metrics", "--output", file)
      #expect(written.status == 0)
      #expect(try String(contentsOfFile: file, encoding: .utf8).contains("roost_runs{"))
    }
  }

  @Test func `what old runs did is forgotten, unless something of them is published`() async throws
  {
    try await withProject { project in
      try await project.setUpUsers()
      try await project.run("users.yaml", asOf: "2026-05-01")
      try await project.run("users.yaml", asOf: "2026-05-02", publishes: false)
      try await project.run("users.yaml", asOf: "2026-05-03", publishes: false)
      try await project.sql(
        "UPDATE roost.runs SET finished_at = now() - interval '500 days' WHERE run_id < 3")
      try await project.run("users.yaml", asOf: "2026-05-04")
      #expect(
        try await project.texts("SELECT run_id FROM roost.runs ORDER BY 1") == ["1", "3", "4"])
      #expect(try await project.count("roost.events WHERE run_id = 2") == 0)
      // Nobody is to be told.
      #expect(try await project.count("roost.alerts") == 0)
    }
  }

  @Test func `a pipeline that never publishes or always fails keeps no more`() async throws {
    try await withProject { project in
      try await project.setUpUsers()
      for (publishes, end) in [(false, RunState.succeeded), (true, .failed)] {
        if end == .failed { try project.writeUsers(set: "{ none: 1 / (user_id - 7) }") }
        for day in 1...3 {
          try await project.run(
            "users.yaml", asOf: "2026-05-0\(day)", publishes: publishes, expecting: end)
          if day == 2 {
            try await project.sql("UPDATE roost.runs SET finished_at = now() - interval '401 days'")
          }
        }
        #expect(try await project.count("roost.runs") == 1)
        #expect(
          try await project.count(
            "roost.events WHERE run_id NOT IN (SELECT run_id FROM roost.runs)") == 0)
      }
    }
  }
}
