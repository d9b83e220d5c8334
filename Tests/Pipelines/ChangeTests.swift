import Testing

/// A check of the rows against the last published runs.
@Suite struct ChangeTests {
  private func setUp(_ project: TestProject, severity: String = "stop") async throws {
    try await project.sql(
      """
      CREATE SCHEMA shop;
      CREATE TABLE shop.orders (order_id int8, city text, amount numeric(12,2), day date);
      """)
    try project.write(
      stages: """
          orders: { extract: { from: shop, table: shop.orders, key: order_id, timeless: today's } }
          checked:
            check:
              input: orders
              severity: \(severity)
              expect:
                - change: { rows: 20%, nulls: { city: 5% }, sums: { amount: 50% }, against: 3 runs }
          publish:
            after: checked
            write: { input: orders, table: marketing.orders, key: order_id, max_drop: 100% }
        """)
  }

  /// Replaces the orders.
  private func fill(
    _ project: TestProject, _ rows: Int, nulls: Int = 0, amount: Int = 10
  ) async throws {
    try await project.sql(
      """
      TRUNCATE shop.orders;
      INSERT INTO shop.orders SELECT i, CASE WHEN i > \(nulls) THEN 'Kiel' END, \(amount), '2026-01-01'
      FROM generate_series(1, \(rows)) i;
      """)
  }

  @Test func `a change stops the run, once there is something to compare with`() async throws {
    try await withProject { project in
      try await setUp(project)
      try await fill(project, 100, nulls: 10)
      let first = try await project.run(asOf: "2026-06-01")
      #expect(
        first.result(of: "checked")?.notes
          == ["3 of 3 expectations hold", "there is no published run yet to compare with"])
      try await fill(project, 120, nulls: 12)
      let second = try await project.run(asOf: "2026-06-02")
      #expect(
        second.result(of: "checked")?.notes.last
          == "compared with 1 published run, the first of 3")
      try await fill(project, 110, nulls: 11)
      try await project.run(asOf: "2026-06-03")

      // The median is 110; what is not published does not move it.
      try await fill(project, 133, nulls: 13)
      let fourth = try await project.run(asOf: "2026-06-04", expecting: .blocked)
      #expect(
        fourth.outcome.error?.contains(
          "expected rows within 20% of the median of the last 3 published runs, but found 133 "
            + "instead of 110, 21% more") == true, "\(fourth.outcome.error ?? "")")
      try await project.run(asOf: "2026-06-04", publishes: false, expecting: .blocked)
      try await fill(project, 132, nulls: 13)
      try await project.run(asOf: "2026-06-04")
      // Now it is 120, of the latest three. The same as-of again is compared with those before it.
      try await fill(project, 143, nulls: 13)
      try await project.run(asOf: "2026-06-05")
      try await fill(project, 88, nulls: 9)
      try await project.run(asOf: "2026-06-04")
    }
  }

  @Test func `shares of nulls and sums are compared too`() async throws {
    try await withProject { project in
      try await setUp(project)
      try await fill(project, 100, nulls: 10)
      try await project.run(asOf: "2026-06-01")
      try await fill(project, 100, nulls: 16, amount: 21)
      let error = try await project.run(asOf: "2026-06-02", expecting: .blocked).outcome.error ?? ""
      #expect(error.contains("expected nulls of city within 5%"), "\(error)")
      #expect(error.contains("6.0 in a hundred rows more have none"), "\(error)")
      #expect(error.contains("expected sum of amount within 50%"), "\(error)")
      #expect(error.contains("it is 110% more"), "\(error)")
      #expect(!error.contains("expected rows"), "\(error)")
    }
  }

  @Test func `a warning goes on, other environments and previews have no past`() async throws {
    try await withProject(settings: TestProject.told) { project in
      try await setUp(project, severity: "warn")
      try await fill(project, 100)
      try await project.run(asOf: "2026-06-01")
      try await fill(project, 10)
      let apart = try await project.run(asOf: "2026-06-02", environment: "trial")
      #expect(apart.result(of: "checked")?.warnings == [])
      let warned = try await project.run(asOf: "2026-06-02")
      #expect(warned.result(of: "checked")?.warnings.count == 2)
      #expect(try await project.count("marketing.orders_current") == 10)
      // It was published, so that it is what the next night knows.
      let next = try await project.run(asOf: "2026-06-03")
      #expect(next.result(of: "checked")?.warnings.count == 2)
      // Each run that ended well in spite of it tells so once; what is not ours to tell does not.
      let told = try await project.texts(
        "SELECT run_id || ' ' || message FROM roost.alerts WHERE kind = 'drift' ORDER BY run_id")
      #expect(told.count == 2, "\(told)")
      #expect(
        told.first?.hasPrefix(
          "\(warned.outcome.run) checked: expected rows within 20% of the median of the last "
            + "published run, but found 10 instead of 100, 90% less; checked: expected sum of amount"
        )
          == true, "\(told)")
    }
  }

  @Test func `rejected rows go with their publication after a while`() async throws {
    try await withProject { project in
      try await setUp(project)
      try project.write(
        stages: """
            orders: { extract: { from: shop, table: shop.orders, key: order_id, timeless: today's } }
            kept:
              clean:
                input: orders
                steps: [ { reject: { where: city is null, reason: no city } } ]
                quarantine: { table: marketing.rejected, keep: 2d }
            publish: { write: { input: kept, table: marketing.kept, key: order_id } }
          """)
      try await fill(project, 10, nulls: 3)
      for day in ["2020-06-01", "2020-06-02", "2020-06-03", "2020-06-04"] {
        try await project.run(asOf: day)
      }
      let days = "SELECT DISTINCT as_of::date::text FROM marketing."
      #expect(
        try await project.texts(days + "rejected ORDER BY 1")
          == ["2020-06-02", "2020-06-03", "2020-06-04"])
      #expect(try await project.texts(days + "kept").count == 4)
      #expect(
        try await project.relations(in: "roost_data").filter { $0.contains("rejected_r") }.count
          == 3)
    }
  }
}
