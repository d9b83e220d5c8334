import Frames
import Learning
import PipelineFiles
import Testing

@testable import Stages

/// Features that are texts, through training and scoring.
@Suite struct TextFeatureTests {
  private static func stages(_ algorithm: String, personal: Bool = false) -> String {
    """
    users: { extract: { from: shop, table: shop.users, key: id, time: since } }
    visits: { extract: { from: shop, table: shop.visits, key: n, time: at\(personal ? ", personal: [city]" : "") } }
    orders: { extract: { from: shop, table: shop.orders, key: n, time: at } }
    f:
      features:
        entity: users.id
        windows: [30d]
        from:
          visits: { ever: { city: mode(city) }, windowed: { visits: count(*) } }
    m:
      train:
        features: f
        label: { name: bought, from: orders, is: count(*) > 0, within: 20d }
        cutoffs: { every: 20d, count: 2 }
        algorithm: \(algorithm)
        causes: { place: [city] }
    \(personal ? "    allow_personal: { city: a trial }" : "")
    s: { score: { model: m, features: f, explain: 2 } }
    """
  }

  /// Who lives in oslo orders daily, others seldom. Nine live in towns of their own, ten nowhere.
  private static func shop() -> [String: Frame] {
    func city(_ user: Int) -> String? {
      switch user {
      case 0..<100: "oslo"
      case 100..<200: "rome"
      case 200..<250: "bonn"
      case 250..<259: "town \(user)"
      case 259..<269: nil
      default: "rome"
      }
    }
    func rows(_ users: [Int], every days: (Int) -> Int) -> [(user: Int, at: Instant)] {
      users.flatMap { user in
        (0..<120).filter { $0 % days(user) == user % days(user) }.map { row in
          (
            user,
            Instant(
              microseconds: day(2026, 2, 1).microseconds
                + Int64(row * 24 + user % 20) * 3_600_000_000)
          )
        }
      }
    }
    let users = Array(0..<300)
    let visits = rows(users) { _ in 7 }
    let orders = rows(users) { city($0) == "oslo" ? 1 : 59 }
    return [
      "users": frame([
        (Field("id", .int8, isNullable: false), users),
        (Field("since", .timestamptz), users.map { _ in day(2025, 1, 1) }),
      ]),
      "visits": frame([
        (Field("n", .int8, isNullable: false), Array(visits.indices)),
        (Field("id", .int8), visits.map(\.user)), (Field("at", .timestamptz), visits.map(\.at)),
        (Field("city", .text), visits.map { city($0.user) }),
      ]),
      "orders": frame([
        (Field("n", .int8, isNullable: false), Array(orders.indices)),
        (Field("id", .int8), orders.map(\.user)), (Field("at", .timestamptz), orders.map(\.at)),
      ]),
    ]
  }

  @Test(arguments: LearnerChoice.all.map { $0.name })
  func `a text is learnt from by its frequent values`(algorithm: String) async throws {
    let outcome = try await run(Self.stages(algorithm), Self.shop())
    let trained = try #require(outcome.results["m"])
    #expect(
      trained.notes.contains(
        "city: 3 values have a number of their own: rome, oslo, bonn; 9 rarer ones share one"),
      "\(trained.notes)")
    #expect(try #require(trained.details["model"]?["auc"]?.double) > 0.7)
    let scores = try await outcome.frame("s")
    #expect(scores.rowCount == 300)
    let causes = try scores.column("top_cause")
    let probabilities = try scores.column("m_probability")
    guard case .float64(let values) = probabilities.values else {
      Issue.record("no probabilities")
      return
    }
    let ids = try scores.column("id")
    for row in 0..<300 {
      let isFromOslo = try #require(ids.text(row, in: .utc).flatMap { Int($0) }) < 100
      if isFromOslo { #expect(causes.text(row, in: .utc) == "place") }
      #expect((values[row] > 0.7) == isFromOslo)
    }
  }

  @Test func `what is kept of a model scores texts as before`() async throws {
    let outcome = try await run(Self.stages("logistic_regression"), Self.shop())
    guard case .artifact(let artifact as LearntModel)? = outcome.results["m"]?.output else {
      Issue.record("no model")
      return
    }
    let bytes = try artifact.calibrated.serialized()
    let loaded = try await CalibratedModel(serialized: bytes, kinds: LearnerChoice.models)
    let frame = try await outcome.frame("f")
    let features = try frame.matrix(of: ["visits_30d", "city"], loaded.categories)
    let before = try await artifact.calibrated.probabilities(features)
    #expect(try await loaded.probabilities(features) == before)
    #expect(Set(before).count > 2)
  }

  @Test func `personal values stay unsaid`() async throws {
    let outcome = try await run(
      Self.stages("logistic_regression", personal: true), Self.shop())
    let trained = try #require(outcome.results["m"])
    #expect(
      trained.notes.contains(
        "city: 3 values have a number of their own; 9 rarer ones share one"), "\(trained.notes)")
    let said = (trained.notes + trained.warnings + [trained.details.text]).joined(separator: "\n")
    for value in ["oslo", "rome", "bonn"] { #expect(!said.contains(value)) }
  }
}
