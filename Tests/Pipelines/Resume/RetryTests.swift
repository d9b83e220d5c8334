import Foundation
import PostgresClient
import Runs
import Synchronization
import TestSupport
import Testing

/// Stages that fail for a reason that passes, and runs that are told to end.
@Suite struct RetryTests {
  /// Users from a view that fails as long as somebody holds advisory lock 7.
  private static let view = """
    CREATE FUNCTION shop.passable() RETURNS bool LANGUAGE plpgsql VOLATILE AS $$
    BEGIN
      IF EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND objid = 7 AND classid = 0
          AND database = (SELECT oid FROM pg_database WHERE datname = current_database())) THEN
        RAISE EXCEPTION 'not now' USING ERRCODE = 'serialization_failure';
      END IF;
      RETURN true;
    END $$;
    CREATE VIEW shop.passing AS SELECT * FROM shop.users WHERE shop.passable();
    """

  private func pipeline(_ settings: String, _ extract: String = "table: shop.passing") -> String {
    """
    pipeline: test
    timezone: UTC
    \(settings)
    stages:
      users: { extract: { from: shop, \(extract), key: user_id, time: since } }
      publish: { write: { input: users, table: marketing.users, key: user_id } }
    """
  }

  @Test func `a stage is tried again until the reason has passed`() async throws {
    try await withProject { project in
      try await project.setUpUsers()
      try await project.sql(Self.view)
      try project.write(TestProject.pipeline, pipeline("retry: { attempts: 5, delay: 1s }"))
      let holder = try await project.database.connect()
      try await holder.query("SELECT pg_advisory_lock(7)")
      let pauses = Mutex<[String]>([])
      let ran = try await project.run { event in
        guard case .stagePaused(let stage, let message, _, let tries, let limit) = event else {
          return
        }
        pauses.withLock { $0.append("\(stage) \(tries)/\(limit) \(message)") }
        Task { await holder.close() }
      }
      #expect(ran.outcome.state == .succeeded)
      let told = pauses.withLock { $0 }
      #expect(told.first?.hasPrefix("users 1/5 serialization failure") == true, "\(told)")
      #expect(
        try await project.text("SELECT tries FROM roost.stages WHERE stage = 'users'")
          == String(told.count + 1))
      #expect(
        try await project.texts(
          "SELECT event FROM roost.events WHERE stage = 'users' ORDER BY event_id"
        ).prefix(3)
          == ["begin", "pause", "begin"])
      #expect(try await project.count("marketing.users_current") == 10)
    }
  }

  @Test func `what does not pass fails after the last try, and a mistake at once`() async throws {
    try await withProject { project in
      try await project.setUpUsers()
      try await project.sql(Self.view)
      try project.write(TestProject.pipeline, pipeline("retry: { attempts: 2, delay: 1s }"))
      let holder = try await project.database.connect()
      try await holder.query("SELECT pg_advisory_lock(7)")
      try await project.run(expecting: .failed)
      #expect(try await project.text("SELECT max(tries) FROM roost.stages") == "2")
      await holder.close()
      try await project.sql(
        "CREATE VIEW shop.wrong AS SELECT user_id / 0 AS user_id, since FROM shop.users")
      try project.write(
        TestProject.pipeline, pipeline("retry: { attempts: 5 }", "table: shop.wrong"))
      try await project.run(expecting: .failed)
      #expect(
        try await project.text("SELECT max(tries) FROM roost.stages WHERE run_id = 2") == "1")
    }
  }

  @Test func `when the session with a source ends, all sources are read again at one instant`()
    async throws
  {
    try await withProject { project in
      try await project.setUpUsers()
      // Who reads more stands still in its COPY as long as somebody holds advisory lock 7, 7.
      try await project.sql(
        """
        CREATE TABLE shop.all_more AS SELECT user_id, since FROM shop.users;
        CREATE FUNCTION shop.slowly(id int8) RETURNS int8 LANGUAGE plpgsql VOLATILE AS $$
        BEGIN PERFORM pg_advisory_xact_lock_shared(7, 7); RETURN id; END $$;
        CREATE VIEW shop.more AS SELECT shop.slowly(user_id) AS user_id, since FROM shop.all_more;
        """)
      try project.write(
        TestProject.pipeline,
        pipeline("retry: { attempts: 3, delay: 1s }", "table: shop.users")
          + """

            more: { extract: { from: shop, table: shop.more, key: user_id, time: since } }
            publish_more: { write: { input: more, table: marketing.more, key: user_id } }
          """)
      let killed = Mutex(false)
      let blocker = try await project.database.connect()
      try await blocker.query("SELECT pg_advisory_lock(7, 7)")
      let waiting = "\(TestProject.advisoryLocks) AND classid = 7 AND NOT granted"
      let ran = Task {
        try await project.run { event in
          guard case .stageFinished("users", _) = event,
            killed.withLock({ wasKilled in
              defer { wasKilled = true }
              return !wasKilled
            })
          else { return }
          Task {
            try await project.wait(for: "EXISTS (SELECT FROM \(waiting))")
            // Both tables change together; a run that mixes instants would show.
            try await project.sql(
              """
              BEGIN;
              DELETE FROM shop.all_more WHERE user_id > 5;
              DELETE FROM shop.users WHERE user_id > 5;
              COMMIT;
              """)
            // A reader that only helps gives up by itself; who took the locks waits.
            try await project.wait(
              for: """
                (SELECT count(pg_terminate_backend(pid)) FROM \(waiting)) >= 0
                AND EXISTS (SELECT FROM roost.runs WHERE attempt = 2)
                """)
            await blocker.close()
          }
        }
      }
      let outcome = try await ran.value.outcome
      #expect(outcome.state == .succeeded)
      #expect(try await project.text("SELECT attempt FROM roost.runs") == "2")
      #expect(try await project.count("marketing.users_current") == 5)
      #expect(try await project.count("marketing.more_current") == 5)
    }
  }

  @Test func `a stage and a run end when their time is up`() async throws {
    try await withProject { project in
      try await project.setUpUsers()
      try await project.sql(
        "CREATE VIEW shop.slow AS SELECT u.* FROM shop.users u, pg_sleep(100)")
      try project.write(
        TestProject.pipeline,
        pipeline("retry: { attempts: 1 }", "table: shop.slow").replacing(
          "time: since } }", with: "time: since }, timeout: 1s }"))
      let ran = try await project.run(expecting: .failed)
      #expect(ran.outcome.error?.contains("longer than its timeout of 1s") == true)
      try project.write(TestProject.pipeline, pipeline("timeout: 1s", "table: shop.slow"))
      let second = try await project.run(expecting: .failed)
      #expect(second.outcome.error?.contains("longer than its timeout of 1s") == true)
      #expect(
        try await project.count(
          "pg_stat_activity WHERE query LIKE '%pg_sleep%' AND pid <> pg_backend_pid() AND state = 'active' AND datname = current_database()"
        ) == 0)
    }
  }

  @Test func `a run that holds too much memory ends with a message`() async throws {
    try await withProject { project in
      try await project.setUpUsers()
      try project.write(TestProject.pipeline, pipeline("memory: 1MB", "table: shop.users"))
      let ran = try await project.run(expecting: .failed)
      #expect(ran.outcome.error?.contains("may hold 1MB") == true, "\(ran.outcome.error ?? "")")
    }
  }

  @Test func `a run ends when somebody asks it to`() async throws {
    try await withProject { project in
      try await project.setUpUsers()
      try await project.sql(
        "CREATE VIEW shop.slow AS SELECT u.* FROM shop.users u, pg_sleep(100)")
      try project.write(TestProject.pipeline, pipeline("", "table: shop.slow"))
      let running = try project.program.start(["run", TestProject.pipeline])
      try await project.wait(
        for: """
          EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database()
            AND wait_event = 'PgSleep')
          """)
      let asking = try await project.program.run("cancel", "1")
      #expect(asking.status == 0, "\(asking.errors)")
      let result = try await running.result()
      #expect(result.status == 130)
      let run = try await project.texts("SELECT state || ': ' || error FROM roost.runs")
      #expect(run.first?.hasPrefix("cancelled: somebody asked") == true, "\(run)")
    }
  }

  @Test func `no more stages run at once than max_parallel says`() async throws {
    try await withProject { project in
      try await project.setUpUsers()
      let stages = (0..<8).map {
        "  u\($0): { extract: { from: shop, table: shop.users, key: user_id, time: since } }"
      }
      try project.write(
        TestProject.pipeline,
        "pipeline: test\nmax_parallel: 2\nstages:\n" + stages.joined(separator: "\n")
          + "\n  publish: { write: { input: u0, table: marketing.users, key: user_id } }\n")
      let most = Mutex((now: 0, most: 0))
      try await project.run { event in
        switch event {
        case .stageBegan:
          most.withLock { $0 = ($0.now + 1, max($0.most, $0.now + 1)) }
        case .stageFinished: most.withLock { $0.now -= 1 }
        default: break
        }
      }
      #expect(most.withLock { $0.most } == 2)
    }
  }

  @Test func `retry goes on with a run by its number`() async throws {
    try await withProject { project in
      try await project.setUpUsers()
      try project.write(
        "users.yaml",
        """
        pipeline: users
        stages:
          users: { extract: { from: shop, table: shop.users, key: user_id, time: since } }
          publish: { write: { input: users, table: marketing.users, key: user_id } }
          broken: { sql: { run: broken.sql } }
        """)
      try project.write(
        "broken.sql", "INSERT INTO shop.users SELECT 1 / count(*), 'x', now() FROM shop.switch;")
      try await project.sql("CREATE TABLE shop.switch (x int)")
      let arguments = ["--state-dir", project.state]
      let first = try await project.program.start(["run", "users.yaml"] + arguments).result()
      #expect(first.status == 1, "\(first.errors)")
      #expect(first.errors.contains("roost retry 1"), "\(first.errors)")
      try await project.sql("INSERT INTO shop.switch VALUES (1); DELETE FROM shop.users")
      let second = try await project.program.start(["retry", "1"] + arguments).result()
      #expect(second.status == 0, "\(second.errors)")
      #expect(second.errors.contains("attempt 2"), "\(second.errors)")
      #expect(try await project.count("marketing.users_current") == 10)
      let third = try await project.program.start(["retry", "1"] + arguments).result()
      #expect(third.status == 1)
      #expect(third.errors.contains("run 1 is succeeded and cannot be resumed"))
    }
  }
}
