import Foundation
import PostgresClient
import Testing

/// A process that is suspended, as with its machine, while another goes on with its run.
@Suite struct FencedRunTests {
  private static let arguments = ["run", "users.yaml", "--as-of", "2026-06-02"]

  /// Calls `body` with a run that is suspended in the transaction in which it makes its table; its session
  /// with the run's lock has ended, as a server ends that of a host that is gone.
  private func withSuspended(
    _ body: (TestProject, Program.Running) async throws -> Void
  ) async throws {
    for _ in 1...20 where try await isDone(body) { return }
    Issue.record("no run could be suspended in time")
  }

  /// - Returns: false where the lock came too late, on a busy machine, so that the transaction gave up.
  private func isDone(
    _ body: (TestProject, Program.Running) async throws -> Void
  ) async throws -> Bool {
    try await withProject { project in
      try await project.setUpUsers()
      try await project.run("users.yaml", asOf: "2026-06-01")
      // It waits for this lock, and is suspended; then it has the lock, and does not know it.
      let holder = try await project.database.connect()
      let mine = try await holder.query("SELECT pg_backend_pid()")[0].int(0)
      try await holder.query(
        "SELECT pg_advisory_lock(hashtextextended('roost.target/marketing.users', 0))")
      let running = try project.program.start(Self.arguments)
      try await project.wait(
        for: "EXISTS (SELECT FROM \(TestProject.advisoryLocks) AND NOT granted)")
      kill(running.processIdentifier, SIGSTOP)
      try await project.sql(
        """
        SELECT pg_terminate_backend(pid) FROM \(TestProject.advisoryLocks) AND granted
          AND pid <> \(mine)
        """)
      await holder.close()
      let sessions =
        "SELECT FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE 'roost%'"
      let gaveUp = "EXISTS (\(sessions) AND state = 'idle in transaction (aborted)')"
      try await project.wait(
        for: """
          \(gaveUp) OR (SELECT count(*) = 1 FROM \(TestProject.advisoryLocks) AND granted)
          AND EXISTS (\(sessions) AND state = 'idle in transaction')
          """)
      if try await project.text("SELECT (\(gaveUp))::text") == "true" {
        running.kill()
        return false
      }
      do {
        try await body(project, running)
      } catch {
        running.kill()
        throw error
      }
      running.kill()
      return true
    }
  }

  @Test
  func `another goes on within seconds, and the one that wakes up can do nothing`()
    async throws
  {
    try await withSuspended { project, suspended in
      let resumed = try await project.program.start(Self.arguments + ["--resume"]).result()
      #expect(resumed.status == 0, "\(resumed.errors)")
      kill(suspended.processIdentifier, SIGCONT)
      let woken = try await suspended.result()
      #expect(woken.status == 5 || woken.status == 1, "\(woken.errors)")
      #expect(
        try await project.texts(
          "SELECT run_id || ' ' || count(*) FROM marketing.users_current GROUP BY run_id")
          == ["2 10"])
      #expect(
        try await project.relations(in: "roost_data")
          == ["marketing_users_r1_1", "marketing_users_r2_2"])
      #expect(
        try await project.texts("SELECT state FROM roost.runs ORDER BY 1") == [
          "succeeded", "succeeded",
        ])
    }
  }
}
