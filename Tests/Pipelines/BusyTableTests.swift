import State
import Testing

/// A published table that gets a column while somebody reads it.
@Suite struct BusyTableTests {
  private static let hasty = LockPatience(
    attempt: .milliseconds(20), firstPause: .milliseconds(20), total: .milliseconds(200))

  /// The one uses a view and the rows below it; the other, the view alone.
  @Test(arguments: [
    "SELECT count(*) FROM marketing.users", "COMMENT ON VIEW marketing.users_current IS 'mine'",
  ])
  func `a run that cannot change a table says who uses it`(_ use: String) async throws {
    try await withProject { project in
      try await project.setUpUsers()
      try await project.run("users.yaml", asOf: "2026-06-01")
      let reader = try await project.database.connect()
      let process = try await reader.query("SELECT pg_backend_pid()")[0].int(0)
      try await reader.query("BEGIN")
      try await reader.query(use)
      try project.writeUsers(set: "{ b: \"1\" }")
      let ran = try await project.run(
        "users.yaml", asOf: "2026-06-02", patience: Self.hasty, expecting: .failed)
      let error = ran.outcome.error ?? ""
      #expect(
        error.contains(
          "marketing.users must be changed and is in use by session \(process) of role postgres"),
        "\(error)"
      )
      await reader.close()
      #expect(
        try await project.texts("SELECT DISTINCT as_of FROM marketing.users_current").count == 1)
      try await project.run("users.yaml", asOf: "2026-06-02")
      #expect(try await project.texts("SELECT DISTINCT b FROM marketing.users_current") == ["1"])
    }
  }

  @Test func `readers do not wait behind a run that waits for one of them`() async throws {
    try await withProject { project in
      try await project.setUpUsers()
      try await project.run("users.yaml", asOf: "2026-06-01")
      let reader = try await project.database.connect()
      try await reader.query("BEGIN")
      try await reader.query("SELECT count(*) FROM marketing.users")
      try project.writeUsers(set: "{ b: \"1\" }")
      async let ran = project.run("users.yaml", asOf: "2026-06-02")
      while try await project.count(
        "pg_locks WHERE NOT granted AND relation = to_regclass('roost_data.marketing_users')") == 0
      { await Task.yield() }
      let start = ContinuousClock.now
      #expect(try await project.count("marketing.users") == 10)
      #expect(ContinuousClock.now - start < .seconds(3))
      await reader.close()
      #expect(try await ran.outcome.state == .succeeded)
    }
  }
}
