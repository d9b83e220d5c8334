import Foundation
import PostgresClient
import State
import Testing

/// Publications that somebody is in the way of.
@Suite struct BusyPublicationTests {
  /// Calls `body` while a session that has analysed the table of all runs stays in its transaction.
  private func withAnalyst(
    timeout: String = "",
    _ body: (TestProject, _ process: Int, _ end: () async throws -> Void) async throws -> Void
  ) async throws {
    try await withProject { project in
      try await project.setUpUsers()
      try await project.run("users.yaml", asOf: "2026-06-01")
      if !timeout.isEmpty {
        let file = project.folder.appending(path: "users.yaml")
        let text = try String(contentsOf: file, encoding: .utf8)
        try project.write(
          "users.yaml", text.replacing("stages:", with: "timeout: \(timeout)\nstages:"))
      }
      let analyst = try await project.database.connect()
      let process = try await analyst.query("SELECT pg_backend_pid()")[0].int(0)
      try await analyst.query("BEGIN")
      try await analyst.query("ANALYZE roost_data.marketing_users")
      try await body(project, process) { await analyst.close() }
      await analyst.close()
    }
  }

  @Test func `one that waits in vain says who is in the way`() async throws {
    try await withAnalyst { project, process, _ in
      let ran = try await project.run(
        "users.yaml", asOf: "2026-06-02",
        patience: LockPatience(
          attempt: .milliseconds(20), firstPause: .milliseconds(20), total: .milliseconds(200)),
        expecting: .failed)
      let error = ran.outcome.error ?? ""
      #expect(error.contains("marketing.users must be changed and is in use"), "\(error)")
      #expect(error.contains("session \(process) of role postgres"), "\(error)")
      #expect(try await project.count("marketing.users_current") == 10)
    }
  }

  @Test func `one that waits is told of, and goes on when the way is free`() async throws {
    try await withAnalyst { project, process, end in
      let running = try project.program.start(["run", "users.yaml", "--as-of", "2026-06-02"])
      _ = try await found("the note") {
        running.errorsSoFar.contains("waits for marketing.users, which is in use by session")
          ? true : nil
      }
      // Readers do not wait behind it.
      #expect(try await project.count("marketing.users_current") == 10)
      try await end()
      let result = try await running.result()
      #expect(result.status == 0, "\(result.errors)")
    }
  }

  @Test func `a run that waits for another to load says so`() async throws {
    try await withProject { project in
      try await project.setUpUsers()
      let other = try await project.database.connect()
      let process = try await other.query("SELECT pg_backend_pid()")[0].int(0)
      try await other.query(
        "SELECT pg_advisory_lock(hashtextextended('roost.target/marketing.users', 0))")
      let running = try project.program.start(["run", "users.yaml", "--as-of", "2026-06-02"])
      _ = try await found("the note") {
        running.errorsSoFar.contains(
          "waits for marketing.users, which is in use by session \(process) of role postgres")
          ? true : nil
      }
      await other.close()
      let result = try await running.result()
      #expect(result.status == 0, "\(result.errors)")
    }
  }

  @Test func `one that waits can be cancelled`() async throws {
    try await withAnalyst { project, _, _ in
      let running = try project.program.start(["run", "users.yaml", "--as-of", "2026-06-02"])
      try await project.wait(for: "EXISTS (SELECT FROM roost.loads WHERE run_id = 2 AND rows > 0)")
      let cancelled = try await project.program.run("cancel", "2")
      #expect(cancelled.status == 0, "\(cancelled.errors)")
      let result = try await running.result()
      #expect(result.status == 130, "\(result.errors)")
      #expect(
        try await project.texts("SELECT state FROM roost.runs WHERE run_id = 2") == ["cancelled"])
      #expect(try await project.relations(in: "roost_data") == ["marketing_users_r1_1"])
    }
  }

  @Test func `one that waits ends when the run's time is up`() async throws {
    try await withAnalyst(timeout: "20s") { project, _, _ in
      let result = try await project.program.run("run", "users.yaml", "--as-of", "2026-06-02")
      #expect(result.status == 1, "\(result.errors)")
      #expect(result.errors.contains("it took longer than its timeout of 20s"), "\(result.errors)")
    }
  }
}
