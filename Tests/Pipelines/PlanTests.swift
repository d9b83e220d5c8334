import Inspection
import PipelineFiles
import Testing

/// What `roost plan` says before anything is done.
@Suite struct PlanTests {
  @Test func `a plan says what would be done, and does nothing`() async throws {
    try await withProject { project in
      try await project.sql(
        """
        CREATE SCHEMA shop;
        CREATE TABLE shop.users AS SELECT i AS user_id, timestamptz '2026-01-01' AS joined
        FROM generate_series(1, 1000) i;
        CREATE TABLE shop.orders AS SELECT i AS order_id, i % 1000 AS user_id,
          (i % 90)::numeric(12,2) AS amount, timestamptz '2026-01-01' + i * interval '1 hour' AS at
        FROM generate_series(1, 3000) i;
        ANALYZE;
        """)
      try project.write(
        stages: """
            users: { extract: { from: shop, table: shop.users, key: user_id, time: joined } }
            orders: { extract: { from: shop, table: shop.orders, key: order_id, time: at } }
            clean: { clean: { input: orders, steps: [ { reject: { where: amount < 1, reason: free } }, { clip: { column: amount, to: [p0, p99] } } ] } }
            habits:
              features:
                entity: users.user_id
                windows: [30d]
                from: { clean: { windowed: { spend: sum(amount) } } }
            churn:
              train:
                features: habits
                label: { name: gone, from: clean, is: count(*) = 0, within: 30d }
                cutoffs: { every: 30d, count: 2 }
            scores: { score: { model: churn, features: habits } }
            publish: { write: { input: scores, table: marketing.scores, key: user_id } }
          """)
      let checked = try #require(try await project.check(asOf: "2026-05-01").pipeline)
      let plan = try await PlanReport(checked.request(environment: .standard, publishes: true))
      #expect(plan.stages.map(\.expectedRows) == [1000, 3000, nil, nil, nil, nil, nil])
      let lines = plan.lines
      for line in [
        "test as of 2026-05-01 (UTC)", "3. clean (clean) ← orders", "   reject free  [row]",
        "   clip amount  [as-of]",
        "   learn at 2026-01-31, judged by rows until 2026-03-02",
        "   learn at 2026-03-02, judged by rows until 2026-04-01",
        "   validate at 2026-04-01, judged by rows until 2026-05-01",
        "   marketing.scores_current is new",
      ] {
        #expect(lines.contains(line), "\(line) is not in \(lines)")
      }
      #expect(try await project.text("SELECT to_regnamespace('roost')::text") == "null")
    }
  }
}
