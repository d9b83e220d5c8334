import Testing

/// A run whose session with the state database ends while a stage is at work.
@Suite struct LostSessionTests {
  @Test func `a run without its lock stops at once, with exit code 5`() async throws {
    try await withProject { project in
      try await project.setUpUsers()
      try await project.run("users.yaml", asOf: "2026-06-01")
      // Loading begins with this lock, so the run waits there.
      let holder = try await project.database.connect()
      let mine = try await holder.query("SELECT pg_backend_pid()")[0].int(0)
      try await holder.query(
        "SELECT pg_advisory_lock(hashtextextended('roost.target/marketing.users', 0))")
      let running = try project.program.start(["run", "users.yaml", "--as-of", "2026-06-02"])
      let locks = """
        pg_locks WHERE locktype = 'advisory'
          AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
        """
      while try await project.count("\(locks) AND NOT granted") == 0 { await Task.yield() }
      #expect(
        try await project.texts(
          "SELECT pg_terminate_backend(pid)::text FROM \(locks) AND granted AND pid <> \(mine)")
          == ["true"])
      // The stage would wait for ever.
      let result = try await running.result()
      #expect(result.status == 5)
      #expect(result.errors.contains("that held the run's lock has ended"), "\(result.errors)")
      await holder.close()
      let runs = try await project.program.run("runs")
      #expect(runs.output.contains("lost"), "\(runs.output)")
      #expect(try await project.texts("SELECT DISTINCT run_id FROM marketing.users") == ["1"])
    }
  }
}
