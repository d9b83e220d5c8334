import Foundation
import PostgresClient
import State
import TestSupport
import Testing

/// Runs that are held up in the middle: a second one must wait its turn, a killed one leave nothing.
@Suite struct KilledRunTests {
  private static let stages = """
      users:
        extract: { from: shop, table: shop.users, key: user_id, time: signed_up_at }
      publish_first: { write: { input: users, table: marketing.first, key: user_id } }
      publish_second:
        write: { input: users, table: marketing.second, key: user_id }
        after: publish_first
    """
  private static let arguments = ["run", "pipeline.yaml", "--as-of", "2026-06-01"]

  /// Publishes once, then calls `body` with a second run that waits before it loads its second table
  /// until `release` is called.
  private func withWaitingRun(
    _ body: (TestProject, Program.Running, _ release: () async throws -> Void) async throws -> Void
  ) async throws {
    try await withProject { project in
      try await project.sql(SmallShop.schema + SmallShop.rows)
      try project.write(stages: Self.stages)
      try await project.run(asOf: "2026-05-01")
      // A load begins with this lock.
      let holder = try await project.database.connect()
      try await holder.query(
        "SELECT pg_advisory_lock(hashtextextended('roost.target/marketing.second', 0))")
      let running = try project.program.start(Self.arguments)
      try await project.wait(
        for: "EXISTS (SELECT FROM \(TestProject.advisoryLocks) AND NOT granted)")
      #expect(try await project.count("roost_data.marketing_first_r2_1") > 0)
      try await body(project, running) { await holder.close() }
      await holder.close()
    }
  }

  @Test func `a run that another process makes is refused with exit code 4`() async throws {
    try await withWaitingRun { project, running, release in
      let second = try await project.program.start(Self.arguments).result()
      #expect(second.status == 4)
      #expect(second.errors.contains("run 2 of pipeline test"), "\(second.errors)")
      #expect(try await project.count("roost.runs") == 2)
      // The one that is under way is not taken for dead.
      let runs = try await project.program.run("runs")
      #expect(runs.output.contains("running"))
      try await release()
      #expect(try await running.result().status == 0)
      #expect(
        try await project.texts("SELECT DISTINCT run_id FROM marketing.second_current") == ["2"])
    }
  }

  @Test func `a killed run is lost, shows nothing and leaves nothing`() async throws {
    try await withWaitingRun { project, running, release in
      let before = try await project.published(["marketing.first", "marketing.second"])
      running.kill()
      _ = try await running.result()
      try await release()
      try await project.expectLost(run: 2)
      #expect(try await project.published(["marketing.first", "marketing.second"]) == before)

      let next = try await project.program.start(Self.arguments).result()
      #expect(next.status == 0)
      #expect(
        try await project.relations(in: "roost_data")
          == [
            "marketing_first_r1_1", "marketing_first_r3_1", "marketing_second_r1_1",
            "marketing_second_r3_1",
          ])
      #expect(
        try await project.texts("SELECT DISTINCT run_id FROM marketing.first_current") == ["3"])
    }
  }

  @Test func `a run killed while it publishes shows nothing and leaves nothing`() async throws {
    try await withWaitingRun { project, running, release in
      let before = try await project.published(["marketing.first", "marketing.second"])
      // Publication begins with its turn.
      let holder = try await project.database.connect()
      try await holder.query("SELECT pg_advisory_lock(hashtextextended('roost.publish', 0))")
      try await release()
      try await project.wait(
        for: """
          (SELECT count(*) = 2 FROM roost.loads WHERE run_id = 2 AND rows > 0)
            AND EXISTS (SELECT FROM \(TestProject.advisoryLocks) AND NOT granted)
          """)
      running.kill()
      _ = try await running.result()
      await holder.close()
      try await project.expectLost(run: 2)
      #expect(try await project.published(["marketing.first", "marketing.second"]) == before)

      // Another night, which does not take over the lost run's as-of, cleans up too.
      try await project.run(asOf: "2026-06-02")
      #expect(
        try await project.relations(in: "roost_data")
          == [
            "marketing_first_r1_1", "marketing_first_r3_1", "marketing_second_r1_1",
            "marketing_second_r3_1",
          ])
    }
  }
}

extension TestProject {
  /// The server notices in its own time that a killed client is gone.
  fileprivate func expectLost(run: Int) async throws {
    try await wait(
      for: "NOT EXISTS (SELECT FROM \(Self.advisoryLocks))")
    let runs = try await program.run("runs")
    #expect(runs.status == 0)
    #expect(runs.output.contains("lost"), "\(runs.output)")
    // Who only asks leaves the row as it is.
    try await StateDatabase.openToAsk(stateDatabase)?.settleLost()
    #expect(try await texts("SELECT state FROM roost.runs WHERE run_id = \(run)") == ["lost"])
    #expect(
      try await texts(
        "SELECT DISTINCT state FROM roost.stages WHERE run_id = \(run) AND finished_at IS NULL")
        == [])
  }
}
