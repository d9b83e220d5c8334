import Testing

/// The rows of a stage that are not as expected, as the commands show them that a check names.
@Suite struct PreviewRowsTests {
  private func setUp(_ project: TestProject) async throws {
    try await project.setUpSmallShop()
    try await project.sql(
      """
      DELETE FROM shop.users WHERE user_id % 7 = 0;
      UPDATE shop.orders SET user_id = NULL WHERE order_id % 100 = 1;
      """)
  }

  private func compare(
    _ options: [String], with condition: String
  ) async throws {
    try await withProject { project in
      try await setUp(project)
      let shown = try await project.program.start(
        [
          "preview", TestProject.pipeline, "orders", "--as-of", "2026-06-01", "--limit", "100000",
          "--format", "json",
        ] + options
      ).result()
      #expect(shown.status == 0, "\(shown.errors)")
      #expect(shown.errors.contains("rows that match"))
      #expect(
        try await project.difference(
          "SELECT value FROM \(try project.elements(shown.output))",
          """
          SELECT to_jsonb(o) FROM (
            SELECT *, count(*) OVER (PARTITION BY order_id, stock) AS places FROM shop.orders
            WHERE ordered_at < '2026-06-01Z' AND loaded_at < '2026-06-01Z') o WHERE \(condition)
          """.replacing("to_jsonb(o)", with: "to_jsonb(o) - 'places'")) == [])
      #expect(try await project.count("\(try project.elements(shown.output))") > 10)
    }
  }

  @Test func `rows that repeat`() async throws {
    try await compare(["--repeats", "order_id,stock"], with: "places > 1")
  }

  @Test func `rows whose value another stage lacks`() async throws {
    try await compare(["--missing", "user_id=users.user_id"], with: "user_id % 7 = 0")
  }

  @Test func `both, with a condition`() async throws {
    try await compare(
      ["--missing", "user_id=users.user_id", "--repeats", "order_id", "--where", "amount > 50"],
      with: "user_id % 7 = 0 AND places > 1 AND amount > 50")
  }

  @Test(arguments: [
    (
      "user_id",
      "--missing:1:1: error[R0114]: 'user_id' does not name a column and that of another stage"
    ),
    ("user_id=nobody.user_id", "there is no stage 'nobody' in "),
    ("user_id=users.id", "there is no column 'users.id'"),
    ("user_id=churn.user_id", "there is no column 'churn.user_id'"),
    ("city=users.user_id", "'city' is of type text, 'users.user_id' of type bigint"),
    ("town=users.user_id", "stage 'orders' has no column 'town'"),
  ]) func `what cannot be looked for`(missing: String, message: String) async throws {
    try await withProject { project in
      try await project.setUpSmallShop()
      let shown = try await project.preview("orders", "--missing", missing)
      #expect(shown.status == 2)
      #expect(shown.errors.contains(message), "\(shown.errors)")
    }
  }
}
