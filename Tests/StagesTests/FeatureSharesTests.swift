import Diagnostics
import Frames
import Testing

@testable import PipelineFiles
@testable import Relations
@testable import Stages

@Suite struct FeatureSharesTests {
  private static let asOf = day(2026, 6, 1)

  private static let tables: Tables = [
    "users": frame([
      (Field("id", .int8, isNullable: false), [1, 2, 3]),
      (Field("joined", .timestamptz), [day(2026, 1, 1), day(2026, 1, 1), day(2026, 1, 1)]),
    ]),
    "orders": frame([
      (Field("order_id", .int8, isNullable: false), Array(1...6)),
      (Field("id", .int8), [1, 1, 1, 1, 2, 2]),
      (Field("at", .timestamptz), (1...6).map { day(2026, 5, $0) }),
      (Field("category", .text), ["shoes", "Top Hats", nil, "shoes", "shoes", nil]),
      (Field("mail", .text), ["a@x.org", "a@x.org", "b@x.org", "b@x.org", "c@x.org", "b@x.org"]),
    ]),
  ]

  private func stages(_ features: String) -> String {
    """
    users: { extract: { from: shop, table: shop.users, key: id, time: joined } }
    orders:
      extract: { from: shop, table: shop.orders, key: order_id, time: at, personal: [mail] }
    f:
      features:
        entity: users.id
        windows: [7d, 90d]
        from:
          orders:
            where: order_id > 0
    \(features.split(separator: "\n").map { "        \($0)" }.joined(separator: "\n"))
    """
  }

  @Test func `a column is named by its value, or by its rank`() async throws {
    let outcome = try await run(
      stages(
        """
        windowed: { share: { share_of: category, values: [Top Hats, shoes] } }
        ever: { kind: { share_of: category, top: 3 }, mail: { share_of: mail, top: 1 } }
        """), Self.tables, asOf: Self.asOf)
    let frame = try await outcome.frame("f")
    #expect(
      frame.schema.names == [
        "id", "share_top_hats_7d", "share_top_hats_90d", "share_shoes_7d", "share_shoes_90d",
        "kind_top1", "kind_top2", "kind_top3", "mail_top1",
      ])
    #expect(frame.doubles("share_shoes_7d") == [nil, nil, nil])
    #expect(frame.doubles("share_top_hats_90d") == [1 / 3.0, 0, nil])
    #expect(frame.doubles("kind_top1") == [2 / 3.0, 1, nil])
    #expect(frame.doubles("kind_top2") == frame.doubles("share_top_hats_90d"))
    #expect(frame.doubles("kind_top3") == [nil, nil, nil])
    #expect(frame.doubles("mail_top1") == [0.5, 0.5, nil])
    let notes = try #require(outcome.results["f"]).notes
    // What is personal is not said.
    #expect(
      notes == [
        "8 features", "kind: top 3 of the rows before 2026-06-01: shoes, Top Hats",
        "mail: top 1 of the rows before 2026-06-01: 1 values",
      ])
  }

  @Test func `what will be chosen is planned, and where it comes from is known`() throws {
    let report = Report()
    let text = stages(
      """
      windowed:
        kind: { share_of: lower(category), top: 2 }
        at_noon: { share_of: extract(hour from at), values: [12] }
      """)
    let planned = try #require(plan(text, Self.tables, asOf: Self.asOf, report))
    let stage = try #require(planned.pipeline.stages.first { $0.name.text == "f" })
    let features = try #require(planned.plan(of: stage))
    #expect(
      features.steps.map(\.text) == [
        "one row for each id of users",
        "choose the top 2 of lower(category) by the rows of orders before 2026-06-01",
        "6 features from orders",
      ])
    let category = ColumnLineage(
      from: [StageColumn("orders", "category"), StageColumn("orders", "order_id")],
      by: ["share of the 2. most frequent value of lower(category) where order_id > 0 over 90d"])
    #expect(features.lineage["kind_top2_90d"] == category)
    #expect(
      features.lineage["at_noon_12_7d"]
        == ColumnLineage(
          from: [StageColumn("orders", "at"), StageColumn("orders", "order_id")],
          by: ["share((extract(hour from at)) = 12) where order_id > 0 over 7d"]))
  }

  /// The rows of the latest orders must not choose the columns in which earlier cutoffs are learnt.
  @Test func `training moves the choice back to its first cutoff`() throws {
    let report = Report()
    let text =
      stages("windowed: { n: count(*), kind: { share_of: category, top: 2 } }") + """

        churn:
          train:
            features: f
            label: { name: left, from: orders, is: count(*) = 0, within: 7d, gap: 1d }
            cutoffs: { every: 10d, count: 2 }
        """
    let planned = try #require(plan(text, Self.tables, asOf: Self.asOf, report))
    func steps(_ name: String) throws -> [String] {
      let stage = try #require(planned.pipeline.stages.first { $0.name.text == name })
      return try #require(planned.plan(of: stage)).steps.map(\.text)
    }
    #expect(try steps("churn")[0].hasPrefix("learn at 2026-05-04, "))
    #expect(
      try steps("f")[1] == "choose the top 2 of category by the rows of orders before 2026-05-04")
  }
}
