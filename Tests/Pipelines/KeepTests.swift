import Testing

/// How long publications are kept.
@Suite struct KeepTests {
  @Test func `an as-of that lies far ahead forgets nothing`() async throws {
    try await withProject { project in
      try await project.setUpUsers()
      try project.writeUsers(keep: ", keep: 3d")
      let history = """
        SELECT DISTINCT (as_of AT TIME ZONE 'Asia/Shanghai')::date FROM marketing.users ORDER BY 1
        """
      for day in ["2020-06-01", "2020-06-02", "2120-06-02", "2020-06-03"] {
        try await project.run("users.yaml", asOf: day)
      }
      #expect(
        try await project.texts(history)
          == ["2020-06-01", "2020-06-02", "2020-06-03", "2120-06-02"])
      // Nights that follow go on as if it were not there.
      try await project.run("users.yaml", asOf: "2020-06-06")
      #expect(
        try await project.texts(history) == ["2020-06-03", "2020-06-06", "2120-06-02"])
    }
  }

  @Test func `what a run has just published is kept, however old its as-of`() async throws {
    try await withProject { project in
      try await project.setUpUsers()
      try project.writeUsers(keep: ", keep: 3d")
      try await project.run("users.yaml", asOf: "2020-06-10")
      let older = try await project.run("users.yaml", asOf: "2020-05-01")
      #expect(
        try await project.count("marketing.users WHERE run_id = \(older.run)") == 10)
      try await project.run("users.yaml", asOf: "2020-06-11")
      #expect(try await project.count("marketing.users WHERE run_id = \(older.run)") == 0)
    }
  }
}
