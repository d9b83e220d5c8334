import Diagnostics
import Frames
import Testing

@testable import PipelineFiles
@testable import Relations
@testable import Stages

/// Rows that belong to no entity do not vanish without a word.
@Suite struct UnmatchedTests {
  /// 100 orders of one user after the other, 10 in amount but for those without a user.
  private func run(
    owners: [Int?], users: [Int] = Array(1...10), keys: String = "", where condition: String = ""
  ) async throws -> StageResult {
    let outcome = try await StagesTests.run(
      """
      users: { extract: { from: shop, table: shop.users, key: id, time: since } }
      orders: { extract: { from: shop, table: shop.orders, key: n, time: at } }
      f:
        features:
          entity: users.id
          windows: [30d]
          from:
            orders:
              \(condition)
              \(keys)
              windowed: { spend: sum(amount), orders: count(*) }
              ever: { spent: sum(amount), dear: "sum(amount) filter (where amount > 10)" }
      """,
      [
        "users": frame([
          (Field("id", .int8, isNullable: false), users),
          (Field("since", .timestamptz), users.map { _ in day(2025, 1, 1) }),
        ]),
        "orders": frame([
          (Field("n", .int8, isNullable: false), Array(owners.indices)),
          (Field("id", .int8), owners),
          (Field("at", .timestamptz), owners.indices.map { day(2026, 1, 1 + $0 % 28) }),
          (Field("amount", .int8), owners.map { $0 == nil ? 30 : 10 }),
        ]),
      ])
    return try #require(outcome.results["f"])
  }

  private func owners(_ known: Int, unknown: Int = 0, none: Int = 0) -> [Int?] {
    (0..<known).map { 1 + $0 % 10 } + Array(repeating: 77, count: unknown)
      + Array(repeating: nil, count: none)
  }

  @Test func `their share is told with that of each sum`() async throws {
    let result = try await run(owners: owners(57, unknown: 33, none: 10))
    #expect(
      result.warnings == [
        "43 of 100 rows of orders (43%) belong to no id of users: 10 have no id, 33 one that users "
          + "has not; with them 53% of sum(amount)"
      ])
    let told = result.details["unmatched"]?["orders"]
    #expect(told?["rows"] == .integer(100) && told?["without_entity"] == .integer(10))
    #expect(told?["unknown_entity"] == .integer(33))
    #expect(told?["sums"]?["sum(amount)"] == .number(630.0 / 1200))
  }

  @Test func `a few are a remark`() async throws {
    let few = try await run(owners: owners(199, none: 1))
    #expect(few.warnings == [] && few.notes.contains { $0.hasPrefix("1 of 200 rows of orders") })
    let none = try await run(owners: owners(100))
    #expect(none.warnings == [] && none.notes == ["4 features"])
    #expect(none.details["unmatched"]?["orders"]?["unknown_entity"] == .integer(0))
  }

  /// Rows that do not count anyhow are not missed.
  @Test func `only rows that count are counted`() async throws {
    let result = try await run(
      owners: owners(90, none: 10), where: "where: \"amount < 20\"")
    #expect(
      result.warnings == [] && result.details["unmatched"]?["orders"]?["rows"] == .integer(90))
  }

  @Test func `where all are strangers the run stops`() async throws {
    let failure = await #expect(throws: StageFailure.self) {
      try await run(owners: owners(0, unknown: 100))
    }
    #expect(failure?.isBlockedByCheck == true)
    #expect(failure?.message.hasPrefix("100 of 100 rows of orders (100%) belong to no id") == true)
    #expect(failure?.help?.contains(#"--missing "id=users.id""#) == true)
    // A handful may be of people who are no customers.
    #expect(try await run(owners: owners(0, unknown: 9)).warnings.count == 1)
    #expect(try await run(owners: []).warnings == [])
  }

  @Test func `the file says how many there may be`() async throws {
    let allowed = try await run(owners: owners(57, unknown: 43), keys: "unmatched: 50%")
    #expect(allowed.warnings == [])
    #expect(allowed.notes.contains { $0.hasPrefix("43 of 100 rows") })
    await #expect(throws: StageFailure.self) {
      try await run(owners: owners(57, unknown: 43), keys: "unmatched: 40%")
    }
    #expect(
      try await run(owners: owners(0, unknown: 100), keys: "unmatched: 100%").warnings == [])
  }

  @Test func `values that are not finite are counted and named`() async throws {
    let outcome = try await StagesTests.run(
      """
      users: { extract: { from: shop, table: shop.users, key: id, time: since } }
      orders: { extract: { from: shop, table: shop.orders, key: n, time: at, non_finite: keep } }
      f:
        features:
          entity: users.id
          from: { orders: { ever: { high: max(rate), all: count(*) } } }
      """,
      [
        "users": frame([
          (Field("id", .int8, isNullable: false), [1, 2, 3]),
          (Field("since", .timestamptz), [day(2025, 1, 1), day(2025, 1, 1), day(2025, 1, 1)]),
        ]),
        "orders": frame([
          (Field("n", .int8, isNullable: false), [1, 2, 3]), (Field("id", .int8), [1, 2, 3]),
          (Field("at", .timestamptz), [day(2026, 1, 1), day(2026, 1, 1), day(2026, 1, 1)]),
          (Field("rate", .float8), [Double.nan, Double.infinity, 3.0]),
        ]),
      ])
    let result = try #require(outcome.results["f"])
    #expect(result.warnings.count == 1)
    #expect(result.warnings.first?.hasPrefix("feature high is NaN or infinite in 2 rows") == true)
    #expect(result.details["non_finite"] == .object(["high": .integer(2)]))
  }

  @Test func `which rows count is where a feature comes from`() throws {
    let report = Report()
    let planned = try #require(
      plan(
        """
        users: { extract: { from: shop, table: shop.users, key: id, time: since } }
        orders: { extract: { from: shop, table: shop.orders, key: n, time: at } }
        f:
          features:
            entity: users.id
            windows: [30d]
            from:
              orders:
                where: "status <> 'cancelled'"
                windowed: { spend: sum(amount), orders: count(*) }
        m:
          train:
            features: f
            label: { name: left, from: orders, where: "status = 'paid'", is: sum(amount) = 0, within: 30d }
            cutoffs: { every: 30d, count: 1 }
        """,
        [
          "users": frame([
            (Field("id", .int8, isNullable: false), []), (Field("since", .timestamptz), []),
          ]),
          "orders": frame([
            (Field("n", .int8, isNullable: false), []), (Field("id", .int8), []),
            (Field("at", .timestamptz), []), (Field("amount", .int8), []),
            (Field("status", .text), []),
          ]),
        ], asOf: day(2026, 6, 1), report))
    func origins(_ stage: String, _ column: String) throws -> Set<StageColumn> {
      let stage = try #require(planned.pipeline.stages.first { $0.name.text == stage })
      return try #require(planned.plan(of: stage)?.lineage[column]).origins
    }
    #expect(
      try origins("f", "spend_30d")
        == [StageColumn("orders", "amount"), StageColumn("orders", "status")])
    #expect(
      try origins("f", "orders_30d")
        == [StageColumn("orders", "at"), StageColumn("orders", "status")])
    #expect(
      try origins("m", "model") == [
        StageColumn("f", "spend_30d"), StageColumn("f", "orders_30d"),
        StageColumn("orders", "amount"), StageColumn("orders", "status"),
        StageColumn("orders", "at"),
      ])
  }
}
