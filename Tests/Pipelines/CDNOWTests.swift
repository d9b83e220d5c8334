import DemoShop
import PipelineFiles
import Runs
import Testing

/// Real purchases, for which others have published numbers.
@Suite struct CDNOWTests {
  @Test func `the shipped pipeline finds in real orders what SQL and others find`() async throws {
    try await withProject { project in
      try await project.makeMarketingReader()
      try await CDNOW(readingFrom: ShippedPipelines.orders).load(into: project.database.connection)
      let ran = try await project.run(ShippedPipelines.path("cdnow"), asOf: "1997-11-30")

      let customers = try #require(ran.result(of: "customers"))
      #expect(customers.rows == 23_570)
      let orders = try #require(ran.result(of: "orders"))
      #expect(orders.details["read"] == .integer(69_659))
      #expect(
        orders.rows == (try await project.count("cdnow.orders WHERE order_date < '1997-11-30'")))

      // The validation cutoff is 60 days before the as-of.
      let trained = try #require(ran.result(of: "churn"))
      let witness = try await project.database.connection.query(
        """
        SELECT count(*) AS eligible, avg((NOT came)::int)::float8 AS base_rate FROM (
          SELECT customer_id, bool_or(order_date >= '1997-10-01' AND order_date < '1997-11-30') AS came
          FROM cdnow.orders GROUP BY 1
          HAVING bool_or(order_date < '1997-10-01' AND order_date >= date '1997-10-01' - 180)) e
        """)
      let validation = try #require(cutoffs(trained).last)
      #expect(validation["as_of"] == .string("1997-10-01 00:00:00+00"))
      #expect(validation["use"] == .string("validation"))
      #expect(try witness[0].int("eligible") == 7249)
      #expect(validation["rows"] == .integer(try witness[0].int("eligible")))
      let baseRate = try witness[0].double("base_rate")
      #expect(abs(try #require(validation["base_rate"]?.double) - baseRate) < 1e-9)
      #expect(abs(baseRate - 0.694) < 0.0005)

      // Above 0.90 something would know the future; below 0.62 nothing would have been learnt.
      let auc = try #require(trained.details["model"]?["auc"]?.double)
      #expect((0.62...0.90).contains(auc))
      let recency = try #require(trained.details["recency_alone"]?["auc"]?.double)
      #expect(abs(recency - 0.656) < 0.002)
      #expect(abs(recency - (try await recencyAUC(project))) < 1e-9)
      #expect(trained.notes.contains { $0.hasPrefix("recency alone") })
      #expect(trained.notes.contains { $0.hasPrefix("model") })
      #expect(trained.warnings.contains { $0.contains("less than the longest window of 180d") })
      #expect(
        try await project.count("cdnow_marketing.customer_scores_current")
          == (try await project.count(
            """
            (SELECT DISTINCT customer_id FROM cdnow.orders
             WHERE order_date < '1997-11-30' AND order_date >= date '1997-11-30' - 180) e
            """)))
    }
  }

  private func cutoffs(_ result: StageResult) -> [JSONValue] {
    if case .array(let cutoffs) = result.details["cutoffs"] { cutoffs } else { [] }
  }

  /// Area under the curve of recency alone at the validation cutoff, from ranks: the sum of the ranks
  /// of those who left, less its least value, by the number of pairs.
  private func recencyAUC(_ project: TestProject) async throws -> Double {
    try await project.database.connection.query(
      """
      WITH e AS (
        SELECT customer_id, NOT bool_or(order_date >= '1997-10-01' AND order_date < '1997-11-30') AS left_,
          date '1997-10-01' - max(order_date) FILTER (WHERE order_date < '1997-10-01') AS recency
        FROM cdnow.orders GROUP BY 1
        HAVING bool_or(order_date < '1997-10-01' AND order_date >= date '1997-10-01' - 180)),
      r AS (SELECT left_, rank() OVER (ORDER BY recency)
        + (count(*) OVER (PARTITION BY recency) - 1) / 2.0 AS rank FROM e)
      SELECT ((sum(rank) FILTER (WHERE left_) - n * (n + 1) / 2.0) / (n * m))::float8
      FROM r, (SELECT count(*) FILTER (WHERE left_) AS n, count(*) FILTER (WHERE NOT left_) AS m
        FROM e) c GROUP BY n, m
      """)[0].double(0)
  }
}
