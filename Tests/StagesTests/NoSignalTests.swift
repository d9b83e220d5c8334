import Foundation
import Frames
import Learning
import TestSupport
import Testing

@testable import Stages

/// A process without memory teaches nothing, through every kind of step: the model ranks like a coin, is
/// said to, and what it scores is held.
///
/// ROOST_MODELS sets how many such shops are tried; `make soak PART=models` tries 20.
@Suite struct NoSignalTests {
  private static let shops =
    ProcessInfo.processInfo.environment["ROOST_MODELS"].flatMap(Int.init) ?? 3

  private static func stages(_ algorithm: String) -> String {
    """
    users: { extract: { from: shop, table: shop.users, key: id, time: since } }
    orders: { extract: { from: shop, table: shop.orders, key: n, time: at, arrived: known } }
    more: { extract: { from: shop, table: shop.more, key: n, time: at, arrived: known } }
    levels: { extract: { from: shop, table: shop.levels, key: [id, began], valid_from: began, valid_to: until } }
    all_orders: { union: { inputs: [orders, more], source: shop } }
    clean_orders:
      clean:
        input: all_orders
        steps:
          - deduplicate: { by: [n, shop], keep: latest, order: at }
          - set: { kind: "lower(trim(kind))" }
          - fill: { column: amount, from: median }
          - clip: { column: amount, to: [p1, p99] }
          - compare: { column: amount, by: kind, as: dear }
          - reject: { where: "amount < 0", reason: negative }
    leveled:
      join: { left: clean_orders, right: levels, on: id, as_of: at, columns: [level] }
    f:
      features:
        entity: users.id
        windows: [7d, 30d, 90d]
        from:
          leveled:
            windowed:
              orders: count(*)
              spend: sum(amount)
              dear: avg(dear)
              kinds: { share_of: kind, top: 2 }
              level: max(level)
            ever:
              recency: days_since(max(at))
              first: days_since(min(at))
          levels:
            ever: { level_now: max(level) }
        derived:
          trend: spend_30d / nullif(spend_90d, 0)
    m:
      train:
        features: f
        eligible: orders_90d > 0
        label: { name: gone, from: clean_orders, is: count(*) = 0, within: 20d }
        cutoffs: { every: 20d, count: 3 }
        algorithm: \(algorithm)
    s: { score: { model: m, features: f } }
    """
  }

  /// Orders of one rate for all, with amounts, kinds and levels by chance.
  private static func shop(seed: Int) -> [String: Frame] {
    var random = SeededGenerator(seed: UInt64(seed))
    let (users, start, days) = (400, day(2025, 9, 1), 270.0)
    func instant(_ days: Double) -> Instant {
      Instant(microseconds: start.microseconds + Int64(days * Double(Instant.microsecondsPerDay)))
    }
    func orders(_ rate: Double) -> Frame {
      var (ids, times): ([Int], [Double]) = ([], [])
      for user in 1...users {
        var time = 0.0
        while true {
          time -= log(1 - Double.random(in: 0..<1, using: &random)) / rate
          guard time < days else { break }
          ids.append(user)
          times.append(time)
        }
      }
      return frame([
        (Field("n", .int8, isNullable: false), Array(1...ids.count)),
        (Field("id", .int8), ids), (Field("at", .timestamptz), times.map(instant)),
        (Field("known", .timestamptz), times.map { instant($0 + 0.01) }),
        (
          Field("amount", .float8),
          ids.map { _ in
            Int.random(in: 0..<20, using: &random) == 0
              ? nil : Double.random(in: 1..<90, using: &random)
          }
        ),
        (
          Field("kind", .text),
          ids.map { _ in
            let kinds: [String?] = [" Shoes", "bags", "HATS", nil]
            return kinds[Int.random(in: 0..<4, using: &random)]
          }
        ),
      ])
    }
    let spells = (1...users).flatMap { user in (0..<5).map { (user, Double($0) * 60 - 30) } }
    return [
      "users": frame([
        (Field("id", .int8, isNullable: false), Array(1...users)),
        (Field("since", .timestamptz), (1...users).map { _ in start }),
      ]),
      "orders": orders(1 / 25.0), "more": orders(1 / 60.0),
      "levels": frame([
        (Field("id", .int8, isNullable: false), spells.map(\.0)),
        (Field("began", .timestamptz, isNullable: false), spells.map { instant($0.1) }),
        (Field("until", .timestamptz), spells.map { instant($0.1 + 55) }),
        (Field("level", .int4), spells.map { _ in Int.random(in: 0..<4, using: &random) }),
      ]),
    ]
  }

  @Test(arguments: LearnerChoice.all.map { $0.name })
  func `nothing is found where nothing is`(algorithm: String) async throws {
    var areas: [Double] = []
    var fooled = 0
    for seed in 1...Self.shops {
      let outcome = try await run(
        Self.stages(algorithm), Self.shop(seed: seed), asOf: day(2026, 5, 29))
      let trained = try #require(outcome.results["m"])
      areas.append(try #require(trained.details["model"]?["auc"]?.double))
      let scored = try #require(outcome.results["s"])
      let isHeld = !scored.objections.isEmpty
      #expect(isHeld == trained.warnings.contains { $0.contains("no better than chance") })
      fooled += isHeld ? 0 : 1
    }
    let mean = areas.reduce(0, +) / Double(areas.count)
    // One model's AUC has a standard error of some 0.03 here.
    #expect(abs(mean - 0.5) < 4 * 0.03 / Double(areas.count).squareRoot(), "\(areas)")
    #expect(areas.allSatisfy { abs($0 - 0.5) < 0.15 }, "\(areas)")
    let expected = 0.025 * Double(Self.shops)
    #expect(Double(fooled) <= expected + 3 * max(expected, 0.1).squareRoot(), "\(areas)")
  }
}
