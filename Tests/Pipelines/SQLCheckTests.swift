import Diagnostics
import PostgresClient
import Testing

/// What `check` does to a database while it looks at the SQL of a pipeline: next to nothing.
@Suite struct SQLCheckTests {
  private func withUsers<Value: Sendable>(
    levels: String = SQLStageTests.levels, _ body: (TestProject) async throws -> Value
  ) async throws -> Value {
    try await withProject { project in
      try await project.setUpUsers()
      try project.write(stages: SQLStageTests.stages)
      try project.write("sql/levels.sql", levels)
      return try await body(project)
    }
  }

  @Test func `a check leaves nothing behind`() async throws {
    try await withUsers { project in
      let before = try await project.count("pg_class")
      let checked = try await project.program.run("check", "pipeline.yaml")
      #expect(checked.status == 0, "\(checked.errors)")
      #expect(try await project.count("pg_class") == before)
      #expect(
        try await project.texts(
          "SELECT nspname FROM pg_namespace WHERE nspname ~ '^(roost|marketing)'") == [])
    }
  }

  /// Whoever holds a table for writing, or for making an index, does not stop a check; only ACCESS
  /// EXCLUSIVE conflicts with the locks that it insists on.
  @Test(arguments: ["ROW EXCLUSIVE", "SHARE", "SHARE ROW EXCLUSIVE", "EXCLUSIVE"])
  func `a check insists on no lock above access share`(mode: String) async throws {
    try await withUsers { project in
      try await project.run()
      let other = try await project.database.connect()
      try await other.query("BEGIN")
      try await other.query("LOCK TABLE marketing.levels, shop.users IN \(mode) MODE")
      let checked = try await project.check()
      #expect(checked.diagnostics.isEmpty, "\(checked.text)")
      await other.close()
    }
  }

  @Test func `a table that is locked is not waited for`() async throws {
    try await withUsers { project in
      try await project.run()
      let other = try await project.database.connect()
      try await other.query("BEGIN")
      try await other.query("LOCK TABLE marketing.levels IN ACCESS EXCLUSIVE MODE")
      let checked = try await project.check()
      #expect(checked.errors.isEmpty)
      #expect(
        checked.diagnostics.map(\.message)
          == Array(
            repeating:
              "the statement could not be checked: another session has locked a table that it uses",
            count: 2), "\(checked.text)")
      try await other.query("LOCK TABLE shop.users IN ACCESS EXCLUSIVE MODE")
      let blind = try await project.program.run("check", "pipeline.yaml")
      #expect(blind.status == 5)
      #expect(blind.errors.contains("shop.users is locked by session "), "\(blind.errors)")
      #expect(
        blind.errors.contains(
          "error[R0509]: the SELECT could not be checked: another session has locked what it reads"),
        "\(blind.errors)")
      await other.close()
    }
  }

  @Test func `a right that is missing to make a table is an error`() async throws {
    try await withUsers { project in
      let role = "checker_\(project.database.name)"
      try await project.sql(
        """
        CREATE ROLE \(role) LOGIN;
        GRANT USAGE ON SCHEMA shop TO \(role);
        GRANT SELECT ON ALL TABLES IN SCHEMA shop TO \(role);
        """)
      var other = project
      let url = project.database.url.replacing("user=postgres", with: "user=\(role)")
      other.environment["WAREHOUSE_DATABASE_URL"] = url
      let checked = try await other.program.run("check", "pipeline.yaml")
      #expect(checked.status == 2, "\(checked.errors)")
      #expect(checked.errors.contains("error[R0508]"), "\(checked.errors)")
      #expect(checked.errors.contains("lacks CREATE ON DATABASE"), "\(checked.errors)")
    }
  }

  @Test func `a table may be named without its schema`() async throws {
    try await withUsers(levels: "INSERT INTO levels (levl) VALUES ('gold')") { project in
      try await project.sql(
        """
        CREATE SCHEMA marketing;
        CREATE TABLE marketing.levels (day timestamptz, run bigint, level text, users bigint);
        DO $$ BEGIN
          EXECUTE format('ALTER DATABASE %I SET search_path TO marketing', current_database());
        END $$;
        """)
      let other = try await project.database.connect()
      try await other.query("BEGIN")
      try await other.query("LOCK TABLE marketing.levels IN EXCLUSIVE MODE")
      let checked = try await project.check()
      #expect(
        checked.errors.map(\.message) == ["column \"levl\" of relation \"levels\" does not exist"],
        "\(checked.text)")
      await other.close()
    }
  }

  @Test func `a second night with a new column is checked against what it will publish`()
    async throws
  {
    try await withUsers { project in
      try await project.run()
      try await project.sql("ALTER TABLE shop.users ADD city text")
      try project.write(
        "sql/levels.sql",
        "DELETE FROM marketing.levels WHERE level IN (SELECT city FROM marketing.users_current)")
      let checked = try await project.check()
      #expect(checked.diagnostics.isEmpty, "\(checked.text)")
      try await project.run(asOf: "2026-06-02")
    }
  }

  @Test func `conflicts are resolved by the index that is there`() async throws {
    try await withUsers(
      levels: """
        INSERT INTO marketing.levels (level, users) VALUES ('all', 1)
        ON CONFLICT (level) DO UPDATE SET users = marketing.levels.users + excluded.users;
        """
    ) { project in
      try await project.sql(
        """
        CREATE SCHEMA marketing;
        CREATE TABLE marketing.levels (day timestamptz, run bigint, level text PRIMARY KEY,
          users bigint NOT NULL);
        """)
      let checked = try await project.check()
      #expect(checked.diagnostics.isEmpty, "\(checked.text)")
      try await project.run()
      try await project.run()
      #expect(try await project.text("SELECT users FROM marketing.levels") == "2")
    }
  }
}
