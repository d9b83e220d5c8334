import Runs
import Testing

/// Columns of a published table whose types become wider.
@Suite struct WidenedColumnTests {
  private func withUsers(
    _ write: String = "", _ body: (TestProject) async throws -> Void
  ) async throws {
    try await withProject { project in
      try await project.sql(
        """
        CREATE SCHEMA shop;
        CREATE TABLE shop.users (user_id int PRIMARY KEY, at timestamptz NOT NULL, points smallint,
          price numeric(10,2), rate real, name varchar(10));
        INSERT INTO shop.users SELECT i, '2020-01-01', i, i * 1.25, 0.5, 'n' || i FROM generate_series(1, 5) i;
        """)
      try project.write(
        stages: """
            users: { extract: { from: shop, table: shop.users, key: user_id, time: at } }
            publish: { write: { input: users, table: marketing.users, key: user_id\(write) } }
          """)
      try await body(project)
    }
  }

  private static let wider = """
    ALTER TABLE shop.users ALTER user_id TYPE bigint, ALTER points TYPE int,
      ALTER price TYPE numeric(14,4), ALTER rate TYPE float8, ALTER name TYPE text
    """

  private func types(_ project: TestProject, _ table: String) async throws -> [String] {
    try await project.texts(
      """
      SELECT attname || ' ' || format_type(atttypid, atttypmod) FROM pg_attribute
      WHERE attrelid = '\(table)'::regclass AND attnum > 0 ORDER BY attnum
      """)
  }

  private func rows(_ project: TestProject, _ table: String) async throws -> [String] {
    try await project.rows(
      "SELECT as_of::date, user_id, points, price::numeric(14,4), rate, name FROM \(table) ORDER BY 1, 2"
    )
  }

  @Test func `they are followed in all publications, and nothing around the views is lost`()
    async throws
  {
    try await withUsers { project in
      try await project.run(asOf: "2024-06-01")
      try await project.sql(
        "GRANT SELECT ON marketing.users TO PUBLIC; GRANT SELECT (name) ON marketing.users_current TO PUBLIC"
      )
      let before = try await rows(project, "marketing.users")
      let comments =
        "SELECT obj_description('marketing.users'::regclass) || col_description('marketing.users'::regclass, 1)"
      let said = try await project.text(comments)
      try await project.sql(Self.wider)
      let checked = try await project.check()
      #expect(checked.errors.isEmpty, "\(checked.text)")
      #expect(
        checked.text.contains(
          "warning[R0556]: marketing.users: column 'user_id' was integer and becomes bigint"),
        "\(checked.text)")
      try await project.run(asOf: "2024-06-02")
      for table in ["marketing.users", "marketing.users_current"] {
        #expect(
          try await types(project, table) == [
            "as_of timestamp with time zone", "run_id bigint", "user_id bigint",
            "at timestamp with time zone", "points integer", "price numeric(14,4)",
            "rate double precision", "name text",
          ])
      }
      #expect(try await rows(project, "marketing.users").prefix(5) == before[...])
      #expect(try await rows(project, "marketing.users_current").count == 5)
      #expect(try await project.text(comments) == said)
      #expect(
        try await project.text(
          """
          SELECT (has_table_privilege('public', 'marketing.users', 'SELECT')
            AND NOT has_table_privilege('public', 'marketing.users_current', 'SELECT')
            AND has_column_privilege('public', 'marketing.users_current', 'name', 'SELECT'))::text
          """) == "true")
      #expect(!(try await project.check().text.contains("R0556")))
      // Going back shows the older rows in the wider types.
      _ = try await project.rollback { try await $0.go(to: 1, by: "maria") }
      #expect(try await rows(project, "marketing.users_current") == before)
    }
  }

  @Test func `a view over the table stands in the way, and is named`() async throws {
    try await withUsers { project in
      try await project.run(asOf: "2024-06-01")
      try await project.sql(
        "CREATE VIEW marketing.mine AS SELECT user_id FROM marketing.users_current; " + Self.wider)
      let text = try await project.check().text
      #expect(
        text.contains(
          "error[R0504]: marketing.users: column 'user_id' was integer and would be bigint, which Postgres "
            + "does not allow while view marketing.mine uses it"), "\(text)")
      #expect(try await project.count("marketing.mine") == 5)
      try await project.sql("DROP VIEW marketing.mine")
      try await project.run(asOf: "2024-06-02")
    }
  }

  @Test func `a narrower type is refused`() async throws {
    try await withUsers { project in
      try await project.run(asOf: "2024-06-01")
      for change in ["user_id TYPE smallint", "price TYPE numeric(11,3)", "rate TYPE int"] {
        try await project.sql("ALTER TABLE shop.users ALTER \(change)")
        let text = try await project.check().text
        #expect(text.contains("and readers may rely on it"), "\(text)")
      }
    }
  }

  @Test func `rows that wait for a person get the wider type when they are approved`() async throws
  {
    try await withUsers(", max_change: 10%") { project in
      try await project.run(asOf: "2024-06-01")
      try await project.sql("UPDATE shop.users SET points = points + 1")
      let held = try await project.run(asOf: "2024-06-02", expecting: .held)
      try await project.sql("UPDATE shop.users SET points = points - 1; " + Self.wider)
      try await project.run(asOf: "2024-06-03")
      try await project.heldRuns.approve(held.run, by: "maria", overNewer: true)
      #expect(
        try await project.texts("SELECT points FROM marketing.users_current ORDER BY user_id")
          == ["2", "3", "4", "5", "6"])
      #expect(try await project.count("marketing.users") == 15)
    }
  }
}
