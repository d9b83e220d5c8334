import Runs
import Testing

/// A published table over many nights: it forgets what is old and grows with its pipeline.
@Suite struct TargetTests {
  private func withUsers(_ body: (TestProject) async throws -> Void) async throws {
    try await withProject { project in
      try await project.sql(
        """
        CREATE SCHEMA shop;
        CREATE TABLE shop.users (user_id int8, level text, since timestamptz);
        INSERT INTO shop.users
        SELECT i, 'gold', timestamptz '2025-01-01' FROM generate_series(1, 10) i;
        """)
      try await body(project)
    }
  }

  private func write(
    _ project: TestProject, table: String = "marketing.users", keep: String = "",
    set: String = "{}"
  ) throws {
    try project.write(
      stages: """
          users: { extract: { from: shop, table: shop.users, key: user_id, time: since } }
          more: { clean: { input: users, steps: [ { set: \(set) } ] } }
          publish: { write: { input: more, table: \(table), key: user_id\(keep) } }
        """)
  }

  @Test func `old publications are forgotten, but never the current one`() async throws {
    try await withUsers { project in
      try write(project, keep: ", keep: 3d")
      let days = ["01", "02", "03", "04", "05", "06"]
      for day in days { try await project.run(asOf: "2025-06-\(day)") }
      let history = "SELECT DISTINCT as_of::date FROM marketing.users ORDER BY 1"
      #expect(
        try await project.texts(history) == [
          "2025-06-03", "2025-06-04", "2025-06-05", "2025-06-06",
        ])
      #expect(
        try await project.relations(in: "roost_data")
          == (3...6).map { "marketing_users_r\($0)_1" })
      // An old as-of, run again, stays until the next night; the current view does not move.
      try await project.run(asOf: "2025-05-01")
      #expect(try await project.texts(history).first == "2025-05-01")
      #expect(
        try await project.texts("SELECT DISTINCT as_of::date FROM marketing.users_current")
          == ["2025-06-06"])
      #expect(try await project.relations(in: "roost_data").count == 5)
    }
  }

  @Test func `a reader that stays in a transaction holds up no run`() async throws {
    try await withUsers { project in
      try write(project, keep: ", keep: 1d")
      try await project.run(asOf: "2026-06-01")
      try await project.run(asOf: "2026-06-02")
      let reader = try await project.database.connect()
      try await reader.query("BEGIN")
      try await reader.query("SELECT count(*) FROM marketing.users")
      // What is too old stays for as long as somebody may look at it.
      try await project.run(asOf: "2026-06-03")
      #expect(try await project.relations(in: "roost_data").count == 3)
      #expect(
        try await project.texts("SELECT DISTINCT as_of::date FROM marketing.users ORDER BY 1")
          == ["2026-06-02", "2026-06-03"])
      try await reader.query("COMMIT")
      await reader.close()
      try await project.run(asOf: "2026-06-04")
      #expect(
        try await project.relations(in: "roost_data")
          == ["marketing_users_r3_1", "marketing_users_r4_1"])
    }
  }

  @Test func `a new column appears at the end of the views`() async throws {
    try await withUsers { project in
      try write(project, set: "{ a: \"1\" }")
      try await project.run(asOf: "2026-06-01")
      try write(project, set: "{ b: \"now_is\", a: \"1\" }".replacing("now_is", with: "'new'"))
      try await project.run(asOf: "2026-06-02")
      for view in ["users", "users_current"] {
        #expect(
          try await project.texts(
            """
            SELECT attname FROM pg_attribute WHERE attrelid = 'marketing.\(view)'::regclass
              AND attnum > 0 ORDER BY attnum
            """) == ["as_of", "run_id", "user_id", "level", "since", "a", "b"])
      }
      #expect(
        try await project.texts(
          "SELECT DISTINCT as_of::date || ' ' || coalesce(b, 'none') FROM marketing.users ORDER BY 1"
        )
          == ["2026-06-01 none", "2026-06-02 new"])
    }
  }

  @Test(arguments: [
    ("level", "DROP level", "column 'level' would be gone"),
    ("level", "ALTER level TYPE int USING 1", "column 'level' was text and would be integer"),
  ])
  func `a column that readers see cannot go or change`(
    column: String, change: String, message: String
  ) async throws {
    try await withUsers { project in
      try write(project)
      try await project.run(asOf: "2026-06-01")
      try await project.sql("ALTER TABLE shop.users \(change)")
      let checked = try await project.check(asOf: "2026-06-02")
      #expect(
        checked.errors.map(\.message)
          == ["marketing.users: \(message), and readers may rely on it"])
      #expect(checked.text.contains("pipeline.yaml:6:"))
      // Under a name of its own it may.
      #expect(try await project.check(environment: "dev").errors.isEmpty)
      #expect(
        try await project.texts("SELECT DISTINCT \(column) FROM marketing.users_current")
          == ["gold"])
      #expect(try await project.relations(in: "roost_data") == ["marketing_users_r1_1"])
    }
  }

  @Test func `long names and names that look alike are kept apart`() async throws {
    try await withUsers { project in
      let long = String(repeating: "客", count: 18)
      for (place, table) in [
        "a.b_c", "a_b.c", "marketing.\(long)", "marketing.\(long)a",
        "\(long)abcdef.\(String(repeating: "x", count: 55))",
      ].enumerated() {
        try project.write(
          "p\(place).yaml",
          """
          pipeline: p\(place)
          stages:
            users: { extract: { from: shop, table: shop.users, key: user_id, time: since } }
            publish: { write: { input: users, table: \(table), key: user_id } }
          """)
        let ran = try await project.run("p\(place).yaml")
        #expect(
          try await project.texts("SELECT DISTINCT run_id FROM \(table)_current") == ["\(ran.run)"])
      }
    }
  }

  @Test func `names that Postgres would cut are refused`() async throws {
    try await withUsers { project in
      try write(project, table: "marketing.\(String(repeating: "x", count: 56))")
      let checked = try await project.check()
      #expect(checked.text.contains("too long for Postgres"))
      #expect(!checked.errors.isEmpty)
      try write(project, table: "\(String(repeating: "y", count: 60)).users")
      #expect(try await project.check().errors.isEmpty)
      #expect(try await !project.check(environment: "dev").errors.isEmpty)
    }
  }

  @Test func `two stages cannot publish one table`() async throws {
    try await withUsers { project in
      try project.write(
        stages: """
            users: { extract: { from: shop, table: shop.users, key: user_id, time: since } }
            one: { write: { input: users, table: marketing.users, key: user_id } }
            two: { write: { input: users, table: marketing.users, key: user_id } }
          """)
      let checked = try await project.check()
      #expect(checked.text.contains("stages 'one' and 'two' both publish marketing.users"))
      #expect(checked.errors.count == 1)
    }
  }
}
