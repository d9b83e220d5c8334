import PipelineFiles
import PostgresClient
import Runs
import Synchronization
import TestSupport
import Testing

/// A source whose server goes away while it is read, and comes back.
@Suite struct SourceFailoverTests {
  private func withSource(
    retry: String, _ body: (TestProject, DurableCluster, TestDatabase) async throws -> Void
  ) async throws {
    try await DurableCluster.with { cluster in
      let source = try await cluster.makeDatabase("shop")
      // Reading waits until the lock is gone, so that the server goes in the midst of it.
      try await source.connection.execute(
        script: """
          CREATE TABLE users AS
          SELECT i::int8 AS user_id, timestamptz '2020-01-01' AS since FROM generate_series(1, 1000) i;
          CREATE FUNCTION slowly(x int8) RETURNS int8 LANGUAGE plpgsql VOLATILE AS
            $$ BEGIN
              WHILE EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND classid = 88) LOOP
                PERFORM pg_sleep(0.01);
              END LOOP;
              RETURN x;
            END $$;
          """)
      try await withProject { project in
        var project = project
        project.environment["SHOP_DATABASE_URL"] = source.url
        try project.write(
          TestProject.pipeline,
          """
          pipeline: test
          \(retry)
          stages:
            users:
              extract: { from: shop, sql: "SELECT slowly(user_id) AS user_id, since FROM users", key: user_id, time: since }
            publish: { write: { input: users, table: marketing.users, key: user_id } }
          """)
        try await body(project, cluster, source)
      }
    }
  }

  /// Waits until a run reads, and then has the server crash and come back.
  private func failOver(_ cluster: DurableCluster, _ source: TestDatabase) async throws {
    try await source.connection.query("SELECT pg_advisory_lock(88, 88)")
    let looking = Task {
      let watch = try await source.connect()
      try await wait(
        on: watch,
        for: "EXISTS (SELECT FROM pg_stat_activity WHERE state = 'active' AND query LIKE 'COPY%')")
      await watch.close()
      try await cluster.crash()
    }
    try await looking.value
  }

  @Test func `a run of one attempt fails and says of which stage, and the next succeeds`()
    async throws
  {
    try await withSource(retry: "retry: { attempts: 1 }") { project, cluster, source in
      let gone = Task { try await failOver(cluster, source) }
      let ran = try await project.run(expecting: .failed, preparing: Self.locked(source))
      try await gone.value
      let error = ran.outcome.error ?? ""
      #expect(error.contains("users"), "\(error)")
      #expect(ran.outcome.isUnreachable, "\(error)")
      #expect(
        try await project.texts("SELECT state FROM roost.stages ORDER BY position")
          == ["failed", "skipped"])
      #expect(try await project.count("roost.publications") == 0)
      let again = try await project.run(resumes: true)
      #expect(again.run == ran.run)
      #expect(try await project.count("marketing.users_current") == 1000)
    }
  }

  @Test func `another attempt reads all of it again`() async throws {
    try await withSource(retry: "retry: { attempts: 9, delay: 1s }") { project, cluster, source in
      let gone = Task { try await failOver(cluster, source) }
      let ran = try await project.run(preparing: Self.locked(source))
      try await gone.value
      #expect(try await project.count("marketing.users_current") == 1000)
      #expect(
        ran.events.contains {
          if case .note(let text) = $0 { text.contains("attempt 2 of 9") } else { false }
        })
    }
  }

  /// The run begins to read when the lock is there.
  private static func locked(
    _ source: TestDatabase
  ) -> (inout RunRequest) async throws -> Void {
    { _ in
      let watch = try await source.connect()
      try await wait(
        on: watch, for: "EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND granted)")
      await watch.close()
    }
  }
}
