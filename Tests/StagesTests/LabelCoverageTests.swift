import Foundation
import Frames
import TestSupport
import Testing

@testable import PipelineFiles
@testable import Relations
@testable import Stages

/// A label that looks where there are no rows yet is none.
@Suite struct LabelCoverageTests {
  private static let hour: Int64 = 3_600_000_000

  /// What part of a window of 30 days before the as-of is missing.
  private func missing(_ hours: [Int], asOf: Instant = day(2026, 6, 20)) -> Double {
    let coverage = LabelCoverage(
      hours.map { asOf.microseconds - Int64($0) * Self.hour }, asOf: asOf, from: day(2026, 3, 1))
    return coverage.missing(until: asOf, of: 30 * 24 * Self.hour)
  }

  @Test func `rows that end are missed`() {
    // Every three hours, until 25 days before the as-of.
    let ended = Array(stride(from: 600, to: 3000, by: 3))
    #expect(missing(ended) == 25.0 / 30)
    #expect(missing(Array(stride(from: 1, to: 3000, by: 3))) == 0)
    // Nights and weekends are pauses too.
    let working = (0..<3000).filter { ($0 / 24) % 7 < 5 && $0 % 24 < 9 }
    #expect(missing(working.map { $0 + 60 }) == 0)
    #expect(missing(working.map { $0 + 400 }) > 0.4)
  }

  /// What a test order or a wrong clock leaves behind does not cover a window.
  @Test func `strays do not end a pause`() {
    let ended = Array(stride(from: 600, to: 3000, by: 3))
    #expect(missing(ended + [10]) == 25.0 / 30)
    #expect(missing(ended + [10, 200, 301]) == 25.0 / 30)
    // A shop that opened again goes on.
    #expect(missing(ended + Array(stride(from: 1, to: 200, by: 3))) == 0)
  }

  /// However long the pauses of a process without memory are, it is hardly ever refused.
  @Test func `pauses by chance are not refused`() {
    var random = SeededGenerator(seed: 6)
    for count in [100, 400, 2000] {
      var refused = 0
      for _ in 0..<400 {
        let hours = (0..<count).map { _ in Int.random(in: 0..<12_000, using: &random) }
        if missing(hours) > LabelCoverage.tolerated { refused += 1 }
      }
      #expect(refused < 4, "\(count): \(refused)")
    }
  }

  @Test func `few rows say nothing`() {
    #expect(missing([]) == 0)
    #expect(missing([700]) == 0)
    #expect(missing(Array(stride(from: 700, to: 760, by: 4))) == 0)
  }

  /// A process without memory is refused about twice in 2,000 nights, with 40 rows.
  @Test func `honest sparse rows are not refused`() {
    var random = SeededGenerator(seed: 5)
    var refused = 0
    for _ in 0..<2000 {
      // About 40 rows in 500 days.
      let hours = (0..<40).map { _ in Int.random(in: 0..<12_000, using: &random) }
      if missing(hours) > LabelCoverage.tolerated { refused += 1 }
    }
    #expect(refused < 12, "\(refused)")
  }

  private static let stages = """
    users: { extract: { from: shop, table: shop.users, key: id, time: since } }
    visits: { extract: { from: shop, table: shop.visits, key: n, time: at } }
    orders: { extract: { from: shop, table: shop.orders, key: n, time: at } }
    f:
      features:
        entity: users.id
        windows: [30d]
        from: { visits: { windowed: { visits: count(*) } } }
    m:
      train:
        features: f
        label: { name: bought, from: orders, is: count(*) > 0, within: 30d }
        cutoffs: { every: 30d, count: 1 }
    """

  /// Everybody visits daily; orders end on 26 May.
  private static func shop() -> [String: Frame] {
    func rows(_ users: Range<Int>, until end: Int) -> Frame {
      let all = users.flatMap { user in (0..<end).map { (user, $0) } }
      return frame([
        (Field("n", .int8, isNullable: false), Array(all.indices)),
        (Field("id", .int8), all.map(\.0)),
        (
          Field("at", .timestamptz),
          all.map { user, row in
            Instant(
              microseconds: day(2025, 12, 1).microseconds + Int64(row * 24 + user % 20) * Self.hour)
          }
        ),
      ])
    }
    return [
      "users": frame([
        (Field("id", .int8, isNullable: false), Array(0..<60)),
        (Field("since", .timestamptz), (0..<60).map { _ in day(2025, 1, 1) }),
      ]),
      "visits": rows(0..<60, until: 210), "orders": rows(0..<25, until: 177),
    ]
  }

  @Test func `a window beyond the rows is refused with the reason`() async throws {
    let failure = await #expect(throws: StageFailure.self) {
      try await run(Self.stages, Self.shop(), asOf: day(2026, 6, 20))
    }
    let message = try #require(failure?.message)
    #expect(
      message.hasPrefix(
        "the last row of stage orders is of 2026-05-26 19:00, but the label 'bought'"),
      "\(message)")
    #expect(message.contains("cutoff 2026-05-21 looks until 2026-06-20"), "\(message)")
    #expect(message.contains("81% of its window is not covered"), "\(message)")
    #expect(failure?.help?.hasPrefix("try --as-of 2026-05-27") == true)
    #expect(failure?.isBlockedByCheck == true)
    // What it advises works, and so does a reason.
    _ = try await run(Self.stages, Self.shop(), asOf: day(2026, 5, 27))
    let allowed = try await run(
      Self.stages.replacing("features: f\n", with: "features: f\n    publish_anyway: a trial\n"),
      Self.shop(), asOf: day(2026, 6, 20))
    #expect(
      allowed.results["m"]?.warnings.contains { $0.contains("not covered") } == true)
  }

  /// Rows that come a day late leave little of the window open.
  @Test func `a little is a remark`() async throws {
    let late = try await run(Self.stages, Self.shop(), asOf: day(2026, 5, 29))
    let trained = try #require(late.results["m"])
    #expect(trained.notes.contains { $0.contains("7.361% of its window is not covered") })
    #expect(!trained.warnings.contains { $0.contains("not covered") })
  }
}
