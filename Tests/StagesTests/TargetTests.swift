import Frames
import TestSupport
import Testing

@testable import PipelineFiles
@testable import Stages

@Suite struct TargetTests {
  private let asOf = day(2026, 6, 1)

  /// Users with consent, a profit and a group; the contacts are of users 1 to 4.
  private func choose(
    _ keys: String, users count: Int = 8, channel: [Bool?]? = nil, groups: [String?]? = nil,
    profit: [Double?]? = nil, contacts: [(Int?, Instant)] = []
  ) async throws -> (targets: Frame, all: Frame, result: StageResult) {
    let ids = Array(1...count)
    let outcome = try await run(
      """
      users: { extract: { from: shop, table: shop.users, key: id, non_finite: keep } }
      sends: { extract: { from: shop, table: shop.sends, key: n, time: sent_at } }
      out:
        target:
          input: users
          consent: { push: agreed, phone: reachable }
      \(keys.split(separator: "\n").map { "    " + $0 }.joined(separator: "\n"))
      """,
      [
        "users": frame([
          (Field("id", .int8, isNullable: false), ids),
          (Field("agreed", .bool), channel ?? ids.map { _ in true }),
          (Field("reachable", .bool), ids.map { $0 % 2 == 0 }),
          (Field("grp", .text), groups ?? ids.map { _ in "a" }),
          (Field("worth", .float8), profit ?? ids.map { _ in nil }),
        ]),
        "sends": frame([
          (Field("n", .int8, isNullable: false), contacts.indices.map { $0 }),
          (Field("id", .int8), contacts.map(\.0)),
          (Field("sent_at", .timestamptz), contacts.map(\.1)),
        ]),
      ], asOf: asOf)
    let result = try #require(outcome.results["out"])
    let relation = try outcome.relation("out")
    let all = try #require(relation.companions["campaign_assignments"])
    return (
      try await relation.frame(asOf: asOf), try await all.frame(asOf: asOf), result
    )
  }

  private let push = "campaigns: [ { name: c, when: \"true\", channel: push, offer: o, cost: 10 } ]"

  @Test func `nobody without consent is contacted`() async throws {
    let (targets, all, _) = try await choose(
      push, users: 4, channel: [true, false, nil, true])
    #expect(targets.integers("id") == [1, 4])
    #expect(all.integers("id") == [1, 4])
    #expect(targets.texts("channel") == ["push", "push"])
    #expect(targets.integers("priority") == [1, 2])
  }

  /// Whoever did not agree to the channel of the first campaign may fit a later one.
  @Test func `each takes part in the first that fits and may`() async throws {
    let (targets, _, _) = try await choose(
      """
      campaigns:
        - { name: call, when: "grp = 'a'", channel: phone, offer: o, cost: 30 }
        - { name: coupon, when: "grp is not null", channel: push, offer: p, cost: 20.5 }
      """, users: 6, groups: ["a", "a", "b", "a", nil, "b"])
    #expect(targets.integers("id") == [2, 4, 1, 3, 6])
    #expect(targets.texts("campaign") == ["call", "call", "coupon", "coupon", "coupon"])
    #expect(targets.integers("cost") == [3000, 3000, 2050, 2050, 2050])
    #expect(targets.integers("send_at") == Array(repeating: Int(asOf.microseconds), count: 5))
  }

  /// The window is half open: a contact exactly 14 days ago is in it, one before is not.
  @Test func `suppression ends exactly with its window`() async throws {
    func before(_ microseconds: Int64) -> Instant {
      Instant(microseconds: day(2026, 5, 18).microseconds + microseconds)
    }
    let (targets, all, result) = try await choose(
      "suppress: [ { contacted_within: 14d, from: sends } ]\n" + push, users: 7,
      contacts: [
        (1, before(0)), (2, before(-1)), (3, before(1)), (4, day(2026, 5, 31, hour: 23)),
        (5, asOf), (nil, before(5)), (6, before(-100)), (6, before(100)),
      ])
    #expect(targets.integers("id") == [2, 5, 7])
    #expect(all.rowCount == 3)
    #expect(result.notes.contains { $0.contains("4") }, "\(result.notes)")
  }

  @Test func `the best come first`() async throws {
    let (targets, _, _) = try await choose(
      """
      campaigns:
        - { name: call, when: "grp = 'a'", channel: push, offer: o, cost: 30 }
        - { name: coupon, when: "true", channel: push, offer: p, cost: 20, profit: worth }
      """, users: 7, groups: ["b", "b", "a", "b", "a", "b", "b"],
      profit: [1, 5, 99, nil, 99, 5, -2])
    // By profit, then campaigns as declared, then by key; those without a profit last.
    #expect(targets.integers("id") == [2, 6, 1, 7, 3, 5, 4])
    #expect(targets.doubles("expected_profit") == [5, 5, 1, -2, nil, nil, nil])
    #expect(targets.integers("priority") == Array(1...7))
  }

  /// The budget cuts the order at one place for both arms, even where cheaper contacts would fit.
  @Test func `the budget cuts a prefix of both arms`() async throws {
    let keys = """
      holdout: 30%
      budget: BUDGET
      campaigns:
        - { name: call, when: "grp = 'a'", channel: push, offer: o, cost: 30 }
        - { name: coupon, when: "true", channel: push, offer: p, cost: 7.5 }
      """
    let groups = (0..<200).map { $0 < 100 ? "a" : "b" }
    func chosen(_ budget: String) async throws -> (targets: Frame, all: Frame, result: StageResult)
    {
      try await choose(keys.replacing("BUDGET", with: budget), users: 200, groups: groups)
    }
    let whole = try await chosen("999999").all
    #expect(whole.rowCount == 200)
    let arms = whole.texts("arm")
    for budget in [0, 29, 30, 95, 1000, 2300, 2500] {
      let (targets, all, _) = try await chosen("\(budget)")
      // The same order, cut where the next contact would cost too much.
      var spent = 0.0
      var expected = 0
      for place in 0..<200 {
        if arms[place] == "treatment" {
          let cost = place < 100 ? 30.0 : 7.5
          if spent + cost > Double(budget) { break }
          spent += cost
        }
        expected += 1
      }
      #expect(all.rowCount == expected, "budget \(budget)")
      #expect(all.integers("id") == Array(whole.integers("id").prefix(expected)))
      #expect(all.texts("arm") == Array(arms.prefix(expected)))
      let treated = zip(all.integers("id"), all.texts("arm")).filter { $0.1 == "treatment" }
      #expect(targets.integers("id") == treated.map(\.0))
      let cost = targets.integers("cost").compactMap { $0 }.reduce(0, +)
      #expect(cost <= budget * 100)
    }
  }

  @Test func `holdouts are out of the list and in the assignments`() async throws {
    let (targets, all, _) = try await choose("holdout: 20%\n" + push, users: 500)
    let held = zip(all.integers("id"), all.texts("arm")).filter { $0.1 == "holdout" }.map(\.0)
    #expect(all.rowCount == 500)
    #expect((70...130).contains(held.count))
    #expect(targets.rowCount + held.count == 500)
    #expect(Set(targets.integers("id")).isDisjoint(with: held))
    #expect(targets.schema.index(of: "arm") == nil)
    let everybody = try await choose("holdout: 100%\n" + push, users: 50)
    #expect(everybody.targets.rowCount == 0 && everybody.all.rowCount == 50)
  }

  @Test func `planning names what is wrong`() {
    let users = frame([
      (Field("id", .int8), []), (Field("agreed", .text), []), (Field("email", .text), []),
      (Field("worth", .float8), []),
    ])
    let found = messages(
      """
      users: { extract: { from: shop, table: shop.users, key: id, personal: [email] } }
      sends: { extract: { from: shop, table: shop.users, key: id } }
      out:
        target:
          input: users
          consent: { push: agreed, mail: agred }
          suppress: [ { contacted_within: 14d, from: sends }, { contacted_within: 1d, from: sends, entity: agreed } ]
          campaigns: [ { name: c, when: worth, channel: push, offer: o, cost: 10 } ]
      """, ["users": users])
    #expect(found.contains("error: 'agreed' is of type text, not true or false"), "\(found)")
    #expect(found.contains("error: the input has no column 'agred'"))
    #expect(found.contains("error: stage 'sends' has no time"))
    #expect(found.contains("error: 'agreed' is of type text, the entity of type bigint"))
    #expect(found.count == 5)
  }

  /// Postgres puts NaN above all numbers; a budget goes to those whose profit is known.
  @Test func `a profit that is no number comes last and is counted`() async throws {
    let (targets, _, result) = try await choose(
      """
      budget: 60
      campaigns:
        - { name: c, when: "true", channel: push, offer: p, cost: 20, profit: worth }
      """, users: 6, profit: [1, .nan, .infinity, 5, nil, -.infinity])
    #expect(targets.integers("id") == [4, 1, 2])
    #expect(targets.doubles("expected_profit") == [5, 1, nil])
    #expect(
      result.warnings == [
        "the profit of campaign c is NaN or infinite for 3 of those that it fits: they come last, "
          + "as if it were null"
      ])
  }

  @Test func `a campaign that fits nobody is warned of`() async throws {
    let (_, _, result) = try await choose(
      """
      campaigns:
        - { name: call, when: "grp = 'z'", channel: phone, offer: o, cost: 30 }
        - { name: coupon, when: "true", channel: push, offer: p, cost: 20 }
        - { name: late, when: "grp = 'a'", channel: push, offer: p, cost: 20 }
      """)
    #expect(result.warnings == ["campaign call fits none of the 8 rows: grp = 'z'"])
    #expect(try await choose(push, users: 3).result.warnings == [])
  }

  @Test func `there is always a cause`() async throws {
    let (targets, all, _) = try await choose(push, users: 3)
    #expect(targets.texts("top_cause") == ["unknown", "unknown", "unknown"])
    #expect(all.texts("top_cause") == ["unknown", "unknown", "unknown"])
    #expect(targets.schema["top_cause"]?.isNullable == false)
  }
}

/// Of several scores the cause is told of the one that a campaign goes by.
@Suite struct TopCauseTests {
  private static func stages(_ campaigns: String, inputs: String = "leaving, buying, users")
    -> String
  {
    """
    users: { extract: { from: shop, table: shop.users, key: id, time: since } }
    orders: { extract: { from: shop, table: shop.orders, key: n, time: at } }
    f:
      features:
        entity: users.id
        windows: [60d]
        from: { orders: { windowed: { orders: count(*), spend: sum(amount) } } }
    left:
      train:
        features: f
        label: { name: left, from: orders, is: count(*) = 0, within: 20d }
        cutoffs: { every: 20d, count: 1 }
        causes: { rhythm: [orders_60d] }
        publish_anyway: a test
    bought:
      train:
        features: f
        label: { name: bought, from: orders, is: count(*) > 0, within: 20d }
        cutoffs: { every: 20d, count: 1 }
        causes: { money: [spend_60d] }
        publish_anyway: a test
    leaving: { score: { model: left, features: f, risk: { high: ">= 0.5" } } }
    buying: { score: { model: bought, features: f } }
    out:
      target:
        input: [\(inputs)]
        consent: { push: agreed }
        campaigns:
    \(campaigns.split(separator: "\n").map { "      " + $0 }.joined(separator: "\n"))
    """
  }

  private static let tables: [String: Frame] = {
    var (ids, times, amounts): ([Int], [Instant], [Int]) = ([], [], [])
    for user in 0..<200 {
      for visit in 0..<(1 + user % 6) {
        for month in 0..<5 where (user * 7 + month * 3 + visit) % 4 != 0 {
          ids.append(user)
          times.append(day(2026, 1 + month, 1 + (user * 5 + visit * 9) % 28, hour: user % 24))
          amounts.append(10 + (user * 13 + month) % 50)
        }
      }
    }
    return [
      "users": frame([
        (Field("id", .int8, isNullable: false), Array(0..<200)),
        (Field("agreed", .bool), (0..<200).map { _ in true }),
        (Field("since", .timestamptz), (0..<200).map { _ in day(2025, 1, 1) }),
      ]),
      "orders": frame([
        (Field("n", .int8, isNullable: false), Array(ids.indices)), (Field("id", .int8), ids),
        (Field("at", .timestamptz), times), (Field("amount", .int8), amounts),
      ]),
    ]
  }()

  @Test func `the cause is that of the score that the rule uses`() async throws {
    let outcome = try await run(
      Self.stages(
        """
        - { name: stay, when: "left_probability > 0.5", channel: push, offer: o, cost: 1 }
        - { name: more, when: "buying.bought_probability > 0.9", channel: push, offer: o, cost: 1 }
        - { name: rest, when: "agreed", channel: push, offer: o, cost: 1, cause_of: buying }
        """), Self.tables)
    let list = try await outcome.frame("out")
    let leaving = try await outcome.frame("leaving")
    let buying = try await outcome.frame("buying")
    func causes(_ scores: Frame) -> [Int: String] {
      Dictionary(
        zip(scores.integers("id"), scores.texts("top_cause")).compactMap { id, cause in
          id.flatMap { id in cause.map { (id, $0) } }
        }, uniquingKeysWith: { a, _ in a })
    }
    let expected = ["stay": causes(leaving), "more": causes(buying), "rest": causes(buying)]
    #expect(list.rowCount == 200)
    for row in 0..<list.rowCount {
      let id = try #require(list.integers("id")[row])
      let campaign = try #require(list.texts("campaign")[row])
      #expect(list.texts("top_cause")[row] == expected[campaign]?[id])
    }
    #expect(Set(leaving.texts("top_cause")).isSubset(of: ["rhythm", "other", "unknown"]))
    #expect(Set(buying.texts("top_cause")).isSubset(of: ["money", "other", "unknown"]))
    #expect(leaving.self["top_cause"]?.nullCount == 0 && buying["top_cause"]?.nullCount == 0)
    // Without levels there is no risk, rather than a low one.
    #expect(buying.texts("bought_risk").allSatisfy { $0 == nil })
    #expect(leaving.texts("left_risk").allSatisfy { $0 == "high" || $0 == "low" })
  }

  @Test func `whose cause is the files to say`() {
    func said(_ campaign: String, inputs: String = "leaving, buying, users") -> [String] {
      messages(
        Self.stages("- { \(campaign), channel: push, offer: o, cost: 1 }", inputs: inputs),
        Self.tables
      ).filter { $0.contains("cause") }
    }
    #expect(
      said("name: a, when: agreed") == [
        "error: leaving and buying both have a top cause, and the rule of campaign 'a' uses columns "
          + "of neither"
      ])
    #expect(
      said("name: a, when: left_probability > bought_probability") == [
        "error: leaving and buying both have a top cause, and the rule of campaign 'a' uses columns "
          + "of both"
      ])
    #expect(said("name: a, when: agreed, cause_of: leaving") == [])
    #expect(
      said("name: a, when: agreed, cause_of: users") == [
        "error: stage 'users' is no input that has a top cause"
      ])
    #expect(said("name: a, when: agreed", inputs: "leaving, users") == [])
    #expect(said("name: a, when: agreed", inputs: "users") == [])
  }
}
