import PipelineFiles
import Runs
import Testing

/// A run that does not end well publishes nothing and leaves nothing behind.
@Suite struct FailureTests {
  /// `bad` divides by the stock: it fails where that is 0, after `publish_good` has loaded its rows.
  private static let stages = """
      orders:
        extract:
          { from: shop, table: shop.orders, key: order_id, time: ordered_at, arrived: loaded_at }
      good:
        clean:
          input: orders
          steps: [ { deduplicate: { by: order_id, order: updated_at } } ]
          expect: [ { not_null: city } ]
      bad:
        clean:
          input: good
          steps: [ { set: { share: 100 / stock } } ]
        after: publish_good
      worse: { clean: { input: bad, steps: [ { reject: { where: share > 200, reason: odd } } ] } }
      other: { clean: { input: orders, steps: [ { deduplicate: { by: city } } ] }, after: publish_good }
      publish_good: { write: { input: good, table: marketing.good, key: order_id } }
      publish_bad: { write: { input: bad, table: marketing.bad, key: order_id } }
      publish_worse: { write: { input: worse, table: marketing.worse, key: order_id } }
    """

  private func withShop(
    expecting: Bool = false, _ body: (TestProject) async throws -> Void
  ) async throws {
    try await withProject { project in
      try await project.sql(SmallShop.schema + SmallShop.rows)
      try project.write(
        stages: expecting
          ? Self.stages : Self.stages.replacing("not_null: city", with: "rows: '> 9'"))
      try await body(project)
    }
  }

  private func views(_ project: TestProject) async throws -> [String: [String]] {
    try await project.published(["marketing.good", "marketing.bad", "marketing.worse"])
  }

  @Test func `a failed stage leaves the views as they were and no table behind`() async throws {
    try await withShop { project in
      try await project.run(asOf: "2026-05-30")
      let before = try await views(project)
      let tables = try await project.relations(in: "roost_data")
      #expect(tables.count == 3)
      try await project.sql("UPDATE shop.orders SET stock = 0 WHERE order_id = 7")

      let second = try await project.run(asOf: "2026-06-01", expecting: .failed)
      #expect(try await views(project) == before)
      #expect(try await project.relations(in: "roost_data") == tables)
      #expect(
        try await project.texts(
          "SELECT stage || ' ' || state FROM roost.stages WHERE run_id = \(second.run) ORDER BY 1")
          == [
            "bad failed", "good succeeded", "orders succeeded", "other succeeded",
            "publish_bad skipped", "publish_good succeeded", "publish_worse skipped",
            "worse skipped",
          ])
      #expect(
        try await project.texts(
          "SELECT state FROM roost.runs WHERE error LIKE 'stage bad failed: %division by zero%'")
          == ["failed"])
      #expect(try await project.count("roost.publications WHERE run_id = \(second.run)") == 0)

      // Put right, the same as-of is published.
      try await project.sql("UPDATE shop.orders SET stock = 1")
      let third = try await project.run(asOf: "2026-06-01")
      #expect(
        try await project.texts("SELECT DISTINCT run_id FROM marketing.bad_current")
          == ["\(third.run)"])
    }
  }

  @Test func `a first run that fails makes no view at all`() async throws {
    try await withShop { project in
      try await project.sql("UPDATE shop.orders SET stock = 0 WHERE order_id = 7")
      try await project.run(expecting: .failed)
      #expect(try await project.relations(in: "marketing") == [])
      #expect(try await project.relations(in: "roost_data") == [])
    }
  }

  @Test func `a first run that failed does not bind the columns of a later one`() async throws {
    try await withShop { project in
      try await project.sql("UPDATE shop.orders SET stock = 0 WHERE order_id = 7")
      try await project.run(expecting: .failed)
      // `good` was prepared with a whole number of stock and with weight.
      try await project.sql(
        """
        ALTER TABLE shop.orders DROP weight, ALTER stock TYPE float8;
        UPDATE shop.orders SET stock = 0.5;
        """)
      try await project.run()
      #expect(
        try await project.text("SELECT pg_typeof(stock) FROM marketing.good_current LIMIT 1")
          == "double precision")
    }
  }

  @Test func `an expectation that fails blocks publication`() async throws {
    try await withShop(expecting: true) { project in
      try await project.run(expecting: .blocked)
      #expect(try await project.texts("SELECT state FROM roost.runs") == ["blocked"])
      #expect(try await project.relations(in: "marketing") == [])
      #expect(try await project.relations(in: "roost_data") == [])
      let message = try await project.text("SELECT error FROM roost.runs")
      #expect(message?.contains("expected no nulls in city, found") == true)
    }
  }

  @Test func `the program says so with its exit codes`() async throws {
    try await withShop(expecting: true) { project in
      let arguments = ["run", "pipeline.yaml", "--as-of", "2026-06-01"]
      let blocked = try await project.program.start(arguments).result()
      #expect(blocked.status == 3)
      #expect(blocked.output == "")
      #expect(blocked.errors.contains("expected no nulls in city"))
      try project.write(stages: Self.stages.replacing("not_null: city", with: "rows: '> 9'"))
      try await project.sql("UPDATE shop.orders SET stock = 0 WHERE order_id = 7")
      let failed = try await project.program.start(arguments).result()
      #expect(failed.status == 1)
      #expect(failed.output == "")
      #expect(failed.errors.contains("division by zero"))
      let runs = try await project.program.run("runs")
      #expect(runs.status == 0)
      #expect(runs.output.contains("blocked") && runs.output.contains("failed"))
    }
  }
}
