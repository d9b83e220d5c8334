import Testing

/// A check stage before a publication.
@Suite struct CheckStageRunTests {
  private func stages(severity: String) -> String {
    """
      users:
        extract:
          from: shop
          sql: SELECT user_id, signed_up_at FROM shop.users
          key: user_id
          time: signed_up_at
      orders: { extract: { from: shop, table: shop.orders, key: order_id, time: ordered_at } }
      checked:
        check:
          input: orders
          severity: \(severity)
          expect:
            - { relationship: { user_id: users.user_id } }
            - { matches: { city: "^[A-Z]" } }
      publish: { after: checked, write: { input: users, table: marketing.people, key: user_id } }
    """
  }

  @Test func `a check that does not hold publishes nothing, exits with 3, and shows the rows`()
    async throws
  {
    try await withProject { project in
      try await project.setUpSmallShop()
      try project.write(stages: stages(severity: "stop"))
      let ran = try await project.program.run("run", TestProject.pipeline, "--as-of", "2026-06-01")
      #expect(ran.status == 3, "\(ran.errors)")
      #expect(ran.errors.contains("expected city to match its pattern"))
      #expect(ran.errors.contains("--where"))
      #expect(
        try await project.text("SELECT to_regclass('marketing.people_current')::text") == "null")
      let shown = try await project.preview(
        "orders", "--where", "city !~ '^[A-Z]'", "--limit", "100000", "--format", "json")
      #expect(
        try await project.difference(
          "SELECT value->>'city' FROM \(try project.elements(shown.output))",
          "SELECT city FROM shop.orders WHERE city !~ '^[A-Z]' AND ordered_at < '2026-06-01Z'")
          == [])
    }
  }

  @Test func `a warning is told and the run goes on`() async throws {
    try await withProject { project in
      try await project.setUpSmallShop()
      try project.write(stages: stages(severity: "warn"))
      let ran = try await project.program.run("run", TestProject.pipeline, "--as-of", "2026-06-01")
      #expect(ran.status == 0, "\(ran.errors)")
      #expect(ran.errors.contains("expected city to match its pattern"))
      #expect(try await project.count("marketing.people_current") == 120)
    }
  }
}
