import Catalog
import Diagnostics
import Foundation
import Frames
import Inspection
import PipelineFiles
import PostgresClient
import Runs
import Stages
import TestSupport
import Testing

/// Runs over tables that others have locked, or wait for.
@Suite struct LockedSourceTests {
  private func withUsers(
    attempts: Int = 1, _ body: (TestProject) async throws -> Void
  ) async throws {
    try await withProject(settings: TestProject.told) { project in
      try await project.setUpUsers()
      try project.write(
        "users.yaml",
        """
        pipeline: users
        retry: { attempts: \(attempts), delay: 1s }
        stages:
          users: { extract: { from: shop, table: shop.users, key: user_id, time: since } }
          publish: { write: { input: users, table: marketing.users, key: user_id } }
        """)
      try await body(project)
    }
  }

  private func loader(_ project: TestProject) async throws -> PostgresConnection {
    try await project.database.connect(
      options: ConnectionOptions(applicationName: "nightly load"))
  }

  @Test func `a run waits for a table that is locked, and says for whom`() async throws {
    try await withUsers { project in
      let other = try await loader(project)
      let ran = try await project.run("users.yaml") { event in
        guard case .note(let text) = event, text.contains("is locked by session") else { return }
        Task {
          try await other.execute(
            script: """
              INSERT INTO shop.users SELECT i, 'gold', '2020-01-01' FROM generate_series(1, 7) i;
              COMMIT
              """)
        }
      } preparing: { request in
        request.sourcePatience = SourcePatience(silent: .zero)
        try await other.execute(script: "BEGIN; TRUNCATE shop.users")
      }
      #expect(
        ran.events.contains {
          guard case .note(let text) = $0 else { return false }
          return text.contains("shop.users is locked by session")
            && text.contains("of role postgres (nightly load)")
        })
      // What was committed meanwhile is what there was at the snapshot.
      #expect(try await project.count("marketing.users_current") == 7)
      await other.close()
    }
  }

  @Test func `a check that waits as a run does says for whom, and goes on`() async throws {
    try await withUsers { project in
      let other = try await loader(project)
      try await other.execute(script: "BEGIN; TRUNCATE shop.users")
      let source = try #require(project.environment["SHOP_DATABASE_URL"])
      let (told, teller) = AsyncStream.makeStream(of: String.self)
      let reader = CatalogReader(
        connections: ["shop": try ConnectionString(source)],
        options: .checking(lockTimeout: .seconds(900))
      ) {
        teller.yield($0)
        Task { try await other.execute(script: "COMMIT") }
      }
      let question = CatalogQuestion.columns(of: "SELECT * FROM shop.users", connection: "shop")
      let facts = try await reader.ask([question])
      teller.finish()
      guard case .columns(let description) = facts.answer(to: question) else {
        Issue.record("the SELECT was refused")
        return
      }
      #expect(description.schema.names == ["user_id", "level", "since"])
      let words = await told.reduce(into: []) { $0.append($1) }
      #expect(words.count == 1 && words[0].contains("shop.users is locked by"), "\(words)")
      await other.close()
    }
  }

  @Test func `however many attempts a pipeline allows, it is waited for with measure`() async throws
  {
    try await withUsers(attempts: .max) { project in
      let ended = try await project.program.run("run", "users.yaml", "--as-of", "2026-06-01")
      #expect(ended.status == 0, "\(ended.errors)")
      #expect(try await project.count("marketing.users_current") == 10)
    }
  }

  @Test func `a table that stays locked fails the run, which is kept`() async throws {
    try await withUsers(attempts: 2) { project in
      let other = try await loader(project)
      let ran = try await project.run(
        "users.yaml", expecting: .failed,
        preparing: { request in
          request.sourcePatience = SourcePatience(whole: .seconds(2))
          try await other.execute(script: "BEGIN; TRUNCATE shop.users")
        })
      #expect(ran.outcome.isUnreachable)
      let error = try #require(
        try await project.text("SELECT error FROM roost.runs WHERE run_id = \(ran.run)"))
      #expect(error.contains("shop: shop.users is locked by session"))
      #expect(error.contains("of role postgres (nightly load)"))
      #expect(
        ran.events.contains {
          if case .note(let text) = $0 { text.contains("attempt 2 of 2") } else { false }
        })
      await other.close()
      try await project.run("users.yaml")
      #expect(try await project.count("marketing.users_current") == 10)
    }
  }

  /// Of the check before a run, which waits for a minute by itself: what it does when that was in vain.
  @Test func `a run that could not begin is kept as one that failed`() async throws {
    try await withUsers { project in
      let other = try await loader(project)
      func lockedReport() async throws -> (ProjectSession, Pipeline, Instant) {
        let report = Report()
        let session = try #require(
          ProjectSession(
            named: nil, pipeline: project.folder.appending(path: "users.yaml").path,
            environment: project.environment, registry: .builtIn, report: report))
        let pipeline = try #require(
          session.read(project.folder.appending(path: "users.yaml").path))
        let asOf = try #require(Instant("2026-06-01", in: .utc))
        let checked = try await session.check(
          pipeline, asOf: asOf, publishing: .standard, isOffline: false)
        #expect(checked == nil && report.isOnlyLocked)
        return (session, pipeline, asOf)
      }
      try await other.execute(script: "BEGIN; TRUNCATE shop.users")
      let (session, pipeline, asOf) = try await lockedReport()
      // Whoever tries again and again, as a scheduler does, makes attempts at one run.
      for attempt in 1...2 {
        let run = try await session.recordLocked(
          pipeline, asOf: asOf, publishing: .standard, tells: attempt == 1)
        #expect(run == 1)
      }
      #expect(
        try await project.rows(
          "SELECT run_id, pipeline, state, attempt, finished_at IS NOT NULL FROM roost.runs")
          == ["(1,users,failed,2,t)"])
      #expect(
        try await project.texts("SELECT stage || ' ' || state FROM roost.stages ORDER BY position")
          == ["users skipped", "publish skipped"])
      #expect(
        try await project.texts("SELECT subject FROM roost.alerts") == ["run 1 attempt 1 failed"])
      let shown = try await project.program.run("show", "1")
      #expect(
        shown.output.contains("another session has locked what it reads"), "\(shown.output)")
      await other.close()

      // Another process makes the run: then there is nothing to keep.
      let holder = try await project.database.connect()
      try await holder.query(
        "SELECT pg_advisory_lock(hashtextextended($1, 0))",
        [.text("roost.run//users/\(asOf.microseconds)")])
      #expect(
        try await session.recordLocked(pipeline, asOf: asOf, publishing: .standard) == nil)
      await holder.close()

      // A killed process says running for ever; that is settled, and the attempt kept behind it.
      try await project.sql(
        "UPDATE roost.runs SET state = 'running', finished_at = NULL, error = NULL")
      #expect(
        try await session.recordLocked(
          pipeline, asOf: asOf, publishing: .standard, resumes: true) == 1)
      #expect(
        try await project.texts("SELECT state || ' ' || attempt FROM roost.runs") == ["failed 3"])

      let resumed = try await project.run("users.yaml", resumes: true)
      #expect(resumed.run == 1)
      #expect(try await project.count("marketing.users_current") == 10)
      // What is done is not begun again.
      let ledger = try await session.recordLocked(
        pipeline, asOf: asOf, publishing: .standard, resumes: true)
      #expect(ledger == nil)
      // Nor by a scheduler that finds the night made by another.
      #expect(
        try await session.recordLocked(
          pipeline, asOf: asOf, publishing: .standard, tells: false) == nil)
      #expect(try await project.texts("SELECT state FROM roost.runs") == ["succeeded"])
    }
  }

  @Test func `who has to wait is told, and has it as soon as its stage has read`() async throws {
    try await withUsers { project in
      // The second stage goes on reading until it is told to stop.
      try await project.sql(
        """
        CREATE FUNCTION shop.slowly(x int8) RETURNS int8 LANGUAGE plpgsql VOLATILE AS $$
        BEGIN PERFORM pg_advisory_xact_lock_shared(88, 88); RETURN x; END $$;
        CREATE TABLE shop.more AS SELECT 1::int8 AS id;
        """)
      try project.write(
        "users.yaml",
        """
        pipeline: users
        stages:
          more:
            extract: { from: shop, sql: "SELECT shop.slowly(id) AS id FROM shop.more", key: id, timeless: a test }
          users: { extract: { from: shop, table: shop.users, key: user_id, time: since } }
          publish: { write: { input: users, table: marketing.users, key: user_id } }
          publish_more: { write: { input: more, table: marketing.more, key: id } }
        """)
      let gate = try await project.database.connect()
      try await gate.query("SELECT pg_advisory_lock(88, 88)")
      let other = try await project.database.connect()
      let loads = Task {
        try await project.wait(
          for: "EXISTS (SELECT FROM \(TestProject.advisoryLocks) AND classid = 88 AND NOT granted)")
        // The users are read by now or soon: this one gets its turn while the other stage reads.
        try await other.execute(script: "TRUNCATE shop.users")
        try await other.execute(script: "SET application_name = 'late'; TRUNCATE shop.more")
      }
      let ran = try await project.run(
        "users.yaml",
        observer: { event in
          guard case .note(let text) = event, text.contains("waits for shop.more") else { return }
          #expect(text.hasSuffix("(late) waits for shop.more, which stage more still reads"))
          Task { await gate.close() }
        })
      try await loads.value
      #expect(
        ran.result(of: "more")?.warnings.contains {
          $0.hasSuffix("(late) waited for shop.more until it was read")
        } == true)
      #expect(try await project.count("marketing.users_current") == 10)
      #expect(try await project.count("marketing.more_current") == 1)
      #expect(try await project.count("shop.users") == 0)
      await other.close()
    }
  }
}
