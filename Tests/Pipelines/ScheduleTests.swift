import Foundation
import Testing

/// `roost schedule` and `roost backfill` as an operator starts them, on a shop of ten users.
@Suite struct ScheduleTests {
  private static let lock =
    "SELECT pg_advisory_lock(hashtextextended('roost.target/marketing.users', 0))"

  /// A project whose pipeline is due at every midnight in Shanghai.
  private func withUsers(
    schedule: String = #"cron: "0 0 * * *""#, settings: String = "",
    _ body: (TestProject) async throws -> Void
  ) async throws {
    try await withProject(settings: settings) { project in
      try await project.setUpUsers()
      let file = project.folder.appending(component: "users.yaml")
      let text = try String(contentsOf: file, encoding: .utf8)
      try project.write(
        "users.yaml", text.replacing("stages:", with: "schedule: { \(schedule) }\nstages:"))
      var project = project
      project.environment["ROOST_STATE_DIR"] = project.folder.appending(component: "state").path
      try await body(project)
    }
  }

  /// As if nobody had looked since yesterday.
  private func sleepADay(_ project: TestProject) async throws {
    #expect(try await project.program.run("schedule", "--once").status == 0)
    #expect(try await project.count("roost.ticks") == 0)
    try await project.sql(
      """
      UPDATE roost.schedules SET considered_until = now() - interval '1 day',
        looked_at = now() - interval '1 day'
      """)
  }

  @Test func `a run under way is parked on SIGTERM and made by the next start`() async throws {
    try await withUsers(settings: TestProject.told) { project in
      try await project.run("users.yaml", asOf: "2026-06-01")
      try await sleepADay(project)
      // A load begins with this lock, so the run waits there.
      let holder = try await project.database.connect()
      try await holder.query(Self.lock)
      let running = try project.program.start(["schedule"])
      try await project.wait(
        for: "EXISTS (SELECT FROM \(TestProject.advisoryLocks) AND NOT granted)")
      // A second scheduler finds it under way.
      #expect(try await project.program.run("schedule", "--once").status == 0)
      #expect(try await project.count("roost.runs") == 2)
      kill(running.processIdentifier, SIGTERM)
      let stopped = try await running.result()
      #expect(stopped.status == 0, "\(stopped.errors)")
      #expect(stopped.errors.contains("stopping: 1 run is parked for the next start"))
      await holder.close()
      let past = try await project.program.run("schedule", "--past", "5")
      #expect(past.output.contains("parked when the scheduler shut down"), "\(past.output)")

      let next = try await project.program.run("schedule", "--once")
      #expect(next.status == 0, "\(next.errors)")
      #expect(
        try await project.texts("SELECT state FROM roost.runs WHERE run_id > 1 ORDER BY run_id")
          == ["succeeded"])
      #expect(
        try await project.texts(
          "SELECT state || ' ' || run_id || ' ' || attempts || ' ' || origin FROM roost.ticks")
          == ["begun 2 2 late"])
      #expect(
        try await project.texts("SELECT DISTINCT run_id FROM marketing.users_current") == ["2"])
      // How the parked run ended is no end.
      #expect(
        try await project.texts("SELECT subject FROM roost.alerts WHERE run_id > 1")
          == ["run 2 attempt 2 succeeded"])
    }
  }

  @Test func `a run that a person has made stands for the tick`() async throws {
    try await withUsers { project in
      try await sleepADay(project)
      #expect(try await project.program.run("run", "users.yaml").status == 0)
      let result = try await project.program.run("schedule", "--once")
      #expect(result.errors.contains("run 1 is there already"), "\(result.errors)")
      #expect(try await project.count("roost.runs") == 1)
      #expect(
        try await project.texts("SELECT state || ' ' || run_id FROM roost.ticks") == ["begun 1"])
    }
  }

  @Test func `a run that cannot begin is told, and made once its cause is gone`() async throws {
    try await withUsers(settings: TestProject.told) { project in
      try await sleepADay(project)
      try await project.sql("ALTER TABLE shop.users RENAME since TO joined")
      let refused = try await project.program.run("schedule", "--once")
      #expect(refused.status == 2, "\(refused.errors)")
      #expect(try await project.count("roost.runs") == 0)
      let told = try await project.texts("SELECT message FROM roost.alerts")
      #expect(told.count == 1 && told[0].contains("users.yaml:5: "), "\(told)")
      try await project.sql("ALTER TABLE shop.users RENAME joined TO since")
      // Not before its time.
      #expect(try await project.program.run("schedule", "--once").status == 0)
      #expect(try await project.count("roost.runs") == 0)
      try await project.sql("UPDATE roost.ticks SET next_try_at = now()")
      #expect(try await project.program.run("schedule", "--once").status == 0)
      #expect(try await project.texts("SELECT state FROM roost.runs") == ["succeeded"])
    }
  }

  @Test func `a run tells how it ended, and a command that fails is no failure of it`() async throws
  {
    try await withUsers { project in
      try project.write("tell", "#!/bin/sh\ncat >> \"$1\"\n")
      chmod(project.folder.appending(component: "tell").path, 0o755)
      let yaml = try String(
        contentsOf: project.folder.appending(component: "roost.yaml"), encoding: .utf8)
      func alerts(_ text: String) throws {
        try project.write("roost.yaml", yaml + "\nalerts: \(text)\n")
      }
      try alerts("{ command: [./tell, said], on: [succeeded, failed] }")
      #expect(
        try await project.program.run("run", "users.yaml", "--as-of", "2026-06-01").status == 0)
      try alerts("{ command: /bin/false, on: [succeeded] }")
      let deaf = try await project.program.run("run", "users.yaml", "--as-of", "2026-06-02")
      #expect(deaf.status == 0)
      #expect(deaf.errors.contains("/bin/false ended with 1; tried again later"), "\(deaf.errors)")
      try alerts("{ command: [./tell, said], on: [succeeded, failed] }")
      try await project.sql("UPDATE roost.alerts SET next_try_at = now()")
      // Fails at the very end, at publication.
      try await project.sql(
        """
        CREATE FUNCTION roost.refuse() RETURNS trigger LANGUAGE plpgsql AS
          $$ BEGIN RAISE EXCEPTION 'no more'; END $$;
        CREATE TRIGGER refuse BEFORE INSERT ON roost.publications
          FOR EACH ROW EXECUTE FUNCTION roost.refuse();
        """)
      #expect(
        try await project.program.run("run", "users.yaml", "--as-of", "2026-06-03").status == 1)
      let said = try String(
        contentsOf: project.folder.appending(component: "said"), encoding: .utf8
      ).split(separator: "\n")
      #expect(
        said.map { $0.split(separator: "\"subject\":\"")[1].split(separator: "\"")[0] } == [
          "run 1 attempt 1 succeeded", "run 2 attempt 1 succeeded", "run 3 attempt 1 failed",
        ])
      #expect(
        try await project.texts("SELECT DISTINCT state FROM roost.alerts") == ["delivered"])
    }
  }

  @Test func `a backfill that is cancelled ends its runs`() async throws {
    try await withUsers { project in
      try await project.run("users.yaml", asOf: "2026-06-10")
      let holder = try await project.database.connect()
      try await holder.query(Self.lock)
      let running = try project.program.start([
        "backfill", "users.yaml", "--from", "2026-06-01", "--to", "2026-06-05",
      ])
      try await project.wait(
        for: "EXISTS (SELECT FROM \(TestProject.advisoryLocks) AND NOT granted)")
      let cancelled = try await project.program.run("backfill", "users.yaml", "--cancel")
      #expect(cancelled.status == 0, "\(cancelled.errors)")
      #expect(cancelled.errors.contains("cancelled 1;"), "\(cancelled.errors)")
      let ended = try await running.result()
      #expect(ended.status == 130, "\(ended.errors)")
      #expect(
        ended.errors.contains("5 of 5 not done: the backfill was cancelled"), "\(ended.errors)")
      await holder.close()
      #expect(
        try await project.texts("SELECT state FROM roost.runs ORDER BY run_id")
          == ["succeeded", "cancelled"])
      let none = try await project.program.run("backfill", "users.yaml", "--cancel")
      #expect(none.errors.contains("no backfill of users is under way"), "\(none.errors)")
    }
  }

  @Test func `a database that is away when the scheduler starts is waited for`() async throws {
    try await withUsers { project in
      try await sleepADay(project)
      func allow(_ isAllowed: Bool) async throws {
        try await project.sql(
          "UPDATE pg_database SET datallowconn = \(isAllowed) WHERE datname = current_database()")
      }
      try await allow(false)
      let running = try project.program.start(["schedule"])
      _ = try await found("the trouble") {
        running.errorsSoFar.contains("the state cannot be reached, trying again") ? true : nil
      }
      try await allow(true)
      try await project.wait(for: "EXISTS (SELECT FROM roost.runs WHERE state = 'succeeded')")
      kill(running.processIdentifier, SIGTERM)
      let stopped = try await running.result()
      #expect(stopped.status == 0, "\(stopped.errors)")
      #expect(stopped.errors.contains("the state can be reached again"), "\(stopped.errors)")
    }
  }

  @Test func `a killed backfill goes on where it was, and never moves what readers see back`()
    async throws
  {
    try await withUsers { project in
      try await project.run("users.yaml", asOf: "2026-06-10")
      let arguments = ["backfill", "users.yaml", "--from", "2026-06-01", "--to", "2026-06-05"]
      let holder = try await project.database.connect()
      // The third waits when it wants to publish.
      try await holder.query("BEGIN")
      try await project.sql(
        """
        CREATE TABLE roost.gate ();
        CREATE FUNCTION roost.wait() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
          IF new.as_of = '2026-06-03 00:00+08' THEN LOCK TABLE roost.gate IN SHARE MODE; END IF;
          RETURN new; END $$;
        CREATE TRIGGER wait BEFORE INSERT ON roost.publications
          FOR EACH ROW EXECUTE FUNCTION roost.wait();
        """)
      try await holder.query("LOCK TABLE roost.gate")
      let running = try project.program.start(arguments)
      try await project.wait(
        for: """
          EXISTS (SELECT FROM \(TestProject.locks) WHERE relation = 'roost.gate'::regclass AND NOT granted)
          """)
      running.kill()
      _ = try await running.result()
      await holder.close()
      try await project.wait(for: "NOT EXISTS (SELECT FROM \(TestProject.advisoryLocks))")

      let again = try await project.program.start(arguments + ["--parallel", "2"]).result()
      #expect(again.status == 0, "\(again.errors)")
      #expect(
        again.errors.contains("backfill 1 goes on: 2 of 5 as-ofs of users done"), "\(again.errors)")
      #expect(
        try await project.texts(
          """
          SELECT (as_of AT TIME ZONE 'Asia/Shanghai')::date || ' ' || string_agg(state, ' ' ORDER BY run_id)
          FROM roost.runs GROUP BY as_of ORDER BY as_of
          """) == [
            "2026-06-01 succeeded", "2026-06-02 succeeded", "2026-06-03 succeeded",
            "2026-06-04 succeeded", "2026-06-05 succeeded", "2026-06-10 succeeded",
          ])
      #expect(
        try await project.texts("SELECT DISTINCT run_id FROM marketing.users_current") == ["1"])
      #expect(try await project.texts("SELECT count(DISTINCT as_of) FROM marketing.users") == ["6"])
      #expect(
        try await project.texts("SELECT (finished_at IS NOT NULL)::text FROM roost.backfills") == [
          "true"
        ])
      // Once done, the same again is a backfill of its own.
      let new = try await project.program.start(arguments).result()
      #expect(new.errors.contains("backfill 2: 5 as-ofs of users"), "\(new.errors)")
    }
  }

  @Test(.enabled(if: FileManager.default.fileExists(atPath: "/usr/bin/systemd-analyze")))
  func `systemd takes the units`() async throws {
    try await withUsers { project in
      let printed = try await project.program.run("schedule", "--systemd").output
      var names: [String] = []
      for unit in printed.components(separatedBy: "# /etc/systemd/system/").dropFirst() {
        let name = String(unit.prefix { !$0.isWhitespace && $0 != "," })
        names.append(name)
        try project.write("units/\(name)", "# \(unit)")
      }
      #expect(names == ["roost.service", "roost-once.service", "roost-once.timer"])
      let process = Process()
      process.executableURL = URL(filePath: "/usr/bin/systemd-analyze")
      process.arguments =
        ["verify", "--man=no"]
        + names.map { project.folder.appending(path: "units/\($0)").path }
      let errors = Pipe()
      process.standardError = errors
      try process.run()
      let text = String(
        decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
      process.waitUntilExit()
      #expect(process.terminationStatus == 0, "\(text)")
    }
  }
}
