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
      #expect(validation["as_of"] == .string("1997-10-01T00:00:00Z"))
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

  /// On the same rows, with a third of the features.
  @Test func `a logistic regression finds nearly as much`() async throws {
    try await withProject { project in
      try await project.makeMarketingReader()
      try await CDNOW(readingFrom: ShippedPipelines.orders).load(into: project.database.connection)
      let trees = try await project.run(ShippedPipelines.path("cdnow"), asOf: "1997-11-30")
      let linear = try await project.run(ShippedPipelines.path("cdnow_linear"), asOf: "1997-11-30")
      let trained = try #require(linear.result(of: "churn"))
      #expect(trained.rows == trees.result(of: "churn")?.rows)
      #expect(trained.details["algorithm"] == .string("logistic_regression (cost 0.1)"))
      func auc(_ ran: TestProject.Ran) throws -> Double {
        try #require(ran.result(of: "churn")?.details["model"]?["auc"]?.double)
      }
      #expect(abs(try auc(linear) - auc(trees)) < 0.02)
      #expect(
        trained.notes.contains { $0.contains("log-odds for one deviation, the largest: ") },
        "\(trained.notes)")
      #expect(!trained.notes.contains { $0.contains("another seed") })

      // Its published table: all that the other one has, in nearly the same order, with causes.
      let table = "cdnow_marketing.linear_scores_current"
      #expect(
        try await project.count(table)
          == (try await project.count("cdnow_marketing.customer_scores_current")))
      let beside = try await project.database.connection.query(
        """
        SELECT corr(t.churn_probability, l.churn_probability) AS corr,
          avg(l.churn_probability) AS mean, avg(t.churn_probability) AS other_mean,
          count(*) FILTER (WHERE l.top_cause NOT IN ('rhythm', 'value', 'unknown')) AS strange,
          count(*) FILTER (WHERE l.top_cause = 'rhythm') AS rhythm,
          count(DISTINCT l.churn_risk) AS risks
        FROM \(table) l JOIN cdnow_marketing.customer_scores_current t USING (customer_id)
        """)[0]
      #expect(try beside.double("corr") > 0.9)
      #expect(abs(try beside.double("mean") - beside.double("other_mean")) < 0.03)
      #expect(try beside.int("strange") == 0)
      #expect(try beside.int("rhythm") > 1000)
      #expect(try beside.int("risks") > 1)
      #expect(
        try await project.text(
          """
          SELECT col_description(attrelid, attnum) FROM pg_attribute
          WHERE attrelid = '\(table)'::regclass AND attname = 'churn_probability'
          """)?
          .contains("learnt by logistic_regression") == true)
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
