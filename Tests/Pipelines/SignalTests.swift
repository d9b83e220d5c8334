import Foundation
import Testing

/// What a shell, a terminal and a full disk do to a run.
@Suite struct SignalTests {
  private static let lock =
    "SELECT pg_advisory_lock(hashtextextended('roost.target/marketing.users', 0))"

  @Test(arguments: [SIGINT, SIGTERM, SIGHUP])
  func `a run that is asked to end is cancelled, not lost`(number: Int32) async throws {
    try await withProject { project in
      try await project.setUpUsers()
      try await project.run("users.yaml", asOf: "2026-06-01")
      // Loading begins with this lock, so the run waits there.
      let holder = try await project.database.connect()
      try await holder.query(Self.lock)
      let running = try project.program.start(["run", "users.yaml", "--as-of", "2026-06-02"])
      try await project.wait(
        for: "EXISTS (SELECT FROM \(TestProject.advisoryLocks) AND NOT granted)")
      kill(running.processIdentifier, number)
      let ended = try await running.result()
      #expect(ended.status == 130, "\(ended.errors)")
      await holder.close()
      #expect(
        try await project.texts("SELECT state FROM roost.runs ORDER BY run_id")
          == ["succeeded", "cancelled"])
    }
  }

  /// Before there is a run that could be cancelled.
  @Test func `a command that is asked to end before its run begins ends in the same way`()
    async throws
  {
    try await withProject { project in
      try await project.setUpUsers()
      try await project.run("users.yaml", asOf: "2026-06-01")
      let holder = try await project.database.connect()
      // Its row is written together with those of its stages.
      try await holder.execute(
        script: "BEGIN; LOCK TABLE roost.events, roost.stages IN ACCESS EXCLUSIVE MODE")
      let running = try project.program.start(["run", "users.yaml", "--as-of", "2026-06-02"])
      try await project.wait(
        for: "EXISTS (SELECT FROM \(TestProject.locks) WHERE NOT granted)")
      running.interrupt()
      let ended = try await running.result()
      #expect(ended.status == 130, "\(ended.errors)")
      #expect(!ended.errors.contains("57014"), "\(ended.errors)")
      await holder.close()
      #expect(try await project.texts("SELECT state FROM roost.runs") == ["succeeded"])
      try await project.run("users.yaml", asOf: "2026-06-02")
    }
  }

  @Test func `a second signal ends a run that hangs`() async throws {
    try await withProject { project in
      try await project.setUpUsers()
      try await project.run("users.yaml", asOf: "2026-06-01")
      let holder = try await project.database.connect()
      try await holder.query(Self.lock)
      let running = try project.program.start(["run", "users.yaml", "--as-of", "2026-06-02"])
      let waiting = "FROM \(TestProject.advisoryLocks) AND NOT granted"
      try await project.wait(for: "EXISTS (SELECT \(waiting))")
      // Its session neither answers nor hears that it is to be cancelled.
      let session = try #require(
        try await project.texts("SELECT pid::text \(waiting)").first.flatMap { pid_t($0) })
      #expect(kill(session, SIGSTOP) == 0)
      defer { kill(session, SIGCONT) }
      running.interrupt()
      // What follows at once is the same wish.
      let text = try await found("the last words") { () -> String? in
        running.interrupt()
        return running.errorsSoFar.contains("ended at once") ? running.errorsSoFar : nil
      }
      #expect(try await running.result().status == 130, "\(text)")
      kill(session, SIGCONT)
      await holder.close()
      _ = try await project.program.run("runs")
      #expect(
        try await project.texts("SELECT state FROM roost.runs ORDER BY run_id").first == "succeeded"
      )
    }
  }

  @Test func `a process that is started without its output streams keeps its text to itself`()
    async throws
  {
    try await withProject { project in
      try await project.setUpUsers()
      var program = project.program
      program.starter = ["/bin/bash", "-c", #"exec "$0" "$@" <&- >&- 2>&-"#]
      #expect(try await program.run("run", "users.yaml").status == 0)
      #expect(try await project.texts("SELECT state FROM roost.runs") == ["succeeded"])
      // Data that goes nowhere is an error, as it is for other programs.
      program.starter = ["/bin/bash", "-c", #"exec "$0" "$@" >&-"#]
      let runs = try await program.run("runs")
      #expect(runs.status == 1)
      #expect(runs.errors.contains("standard output could not be written"), "\(runs.errors)")
    }
  }

  @Test func `a reader of the output that goes away ends no run`() async throws {
    try await withProject { project in
      try await project.setUpUsers()
      var program = project.program
      program.starter = ["/bin/bash", "-c", #""$0" "$@" 2>&1 | true; exit "${PIPESTATUS[0]}""#]
      #expect(try await program.run("run", "users.yaml").status == 0)
      #expect(try await project.texts("SELECT state FROM roost.runs") == ["succeeded"])
    }
  }

  @Test func `output that cannot be written is an error`() async throws {
    try await withProject { project in
      try await project.setUpUsers()
      try await project.run("users.yaml")
      var program = project.program
      program.starter = ["/bin/bash", "-c", #"exec "$0" "$@" >/dev/full"#]
      for command in ["runs", "metrics"] {
        let ended = try await program.run(command)
        #expect(ended.status == 1)
        #expect(ended.errors.contains("standard output could not be written"), "\(ended.errors)")
      }
    }
  }
}
