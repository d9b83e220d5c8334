import Diagnostics
import Expressions
import Frames
import Testing

@testable import PipelineFiles
@testable import Relations
@testable import Stages

@Suite struct CompareTests {
  private static let tables: Tables = [
    "orders": frame([
      (Field("id", .int8, isNullable: false), Array(1...7)),
      (Field("at", .timestamptz), (1...7).map { day(2026, 5, $0) }),
      (Field("price", .numeric(precision: 8, scale: 2)), [1000, 3000, nil, 0, 500, 500, 8000]),
      (Field("kind", .text), ["a", "a", "a", "free", nil, nil, "a"]),
    ])
  ]

  private static let stages = """
    orders: { extract: { from: shop, table: shop.orders, key: id, time: at } }
    priced:
      clean:
        input: orders
        steps:
          - compare: { column: price, by: kind, as: index }
          - compare: { column: price, to: median, by: kind, as: middle }
          - set: { is_dear: index > 1 }
    """

  @Test func `a value is set against those that were known`() async throws {
    let outcome = try await run(Self.stages, Self.tables)
    let tonight = try await outcome.frame("priced")
    #expect(tonight.doubles("index") == [0.25, 0.75, nil, nil, 1, 1, 2])
    #expect(tonight.doubles("middle") == [1 / 3.0, 1, nil, nil, 1, 1, 8 / 3.0])
    let earlier = try await outcome.frame("priced", asOf: day(2026, 5, 7))
    #expect(earlier.doubles("index") == [0.5, 1.5, nil, nil, 1, 1])
    #expect(earlier.doubles("middle") == [0.5, 1.5, nil, nil, 1, 1])
    #expect(try await outcome.frame("priced", asOf: day(2026, 5, 2)).doubles("index") == [1])
    #expect(
      try #require(outcome.results["priced"]).notes.prefix(2) == [
        "compare price to its mean by kind: 5 rows", "compare price to its median by kind: 5 rows",
      ])
  }

  @Test func `it looks at other rows, and what is made of it too`() throws {
    let report = Report()
    let planned = try #require(plan(Self.stages, Self.tables, asOf: day(2026, 6, 1), report))
    let stage = try #require(planned.pipeline.stages.last)
    let clean = try #require(planned.plan(of: stage))
    #expect(clean.steps.map(\.isAsOf) == [true, true, false])
    #expect(
      clean.lineage["is_dear"]
        == ColumnLineage(
          from: [StageColumn("orders", "price"), StageColumn("orders", "kind")],
          by: ["price / mean by kind", "index > 1"]))
  }

  @Test func `of no rows nothing is usual`() async throws {
    var tables = Self.tables
    tables["orders"] = tables["orders"]?.taking([])
    #expect(try await run(Self.stages, tables).frame("priced").rowCount == 0)
  }
}
