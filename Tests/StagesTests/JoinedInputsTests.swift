import Frames
import Testing

@testable import PipelineFiles
@testable import Relations
@testable import Stages

@Suite struct JoinedInputsTests {
  private static let users = frame([
    (Field("id", .int8, isNullable: false), [1, 2, 3]), (Field("city", .text), ["a", "b", "c"]),
    (Field("level", .int4, isNullable: false), [1, 2, 3]),
  ])
  private static let facts = frame([
    (Field("id", .int8, isNullable: false), [3, 1]), (Field("city", .text), ["z", "x"]),
    (Field("visits", .int4, isNullable: false), [30, 10]),
  ])
  private static let extracts = """
    users: { extract: { from: shop, table: shop.users, key: id } }
    facts: { extract: { from: shop, table: shop.facts, key: id } }

    """
  private static let tables = ["users": users, "facts": facts]

  private func segment(_ when: String, input: String = "[users, facts]") -> String {
    Self.extracts
      + "out: { segment: { input: \(input), rules: [ { name: yes, when: \"\(when)\" } ], otherwise: no } }"
  }

  private func yes(_ when: String) async throws -> [Int?] {
    let out = try await run(segment(when), Self.tables).frame("out")
    return zip(out.integers("id"), out.texts("segment")).filter { $0.1 == "yes" }.map(\.0)
  }

  @Test func `the first input decides the rows`() async throws {
    let out = try await run(segment("visits > 5"), Self.tables).frame("out")
    #expect(out.integers("id") == [1, 2, 3])
    let turned = try await run(segment("level > 1", input: "[facts, users]"), Self.tables)
    #expect(try await turned.frame("out").integers("id") == [1, 3])
    #expect(try await turned.frame("out").texts("segment") == ["no", "yes"])
  }

  @Test func `missing rows are null`() async throws {
    #expect(try await yes("visits is null") == [2])
    #expect(try await yes("visits >= 10") == [1, 3])
    #expect(try await yes("coalesce(visits, 0) = 0") == [2])
  }

  @Test func `ambiguous names need their stage`() async throws {
    #expect(
      messages(segment("city = 'a'"), Self.tables).first?
        .hasPrefix("error: ") == true)
    #expect(try await yes("users.city = 'a' and facts.city = 'x'") == [1])
    #expect(try await yes("users.level = 2") == [2])
    // The key itself is that of the first input.
    #expect(try await yes("id = 3 and facts.id = 3") == [3])
  }

  @Test func `several rows for one entity are refused`() async throws {
    let twice = frame([
      (Field("id", .int8), [7, 1, 7]), (Field("city", .text), ["z", "x", "y"]),
      (Field("level", .int4), [30, 10, 20]), (Field("visits", .int4), [30, 10, 20]),
    ])
    for (place, name) in ["users", "facts"].enumerated() {
      var tables = Self.tables
      tables[name] = twice.selecting(["id", "city", place == 0 ? "level" : "visits"])
      let error = await #expect(throws: StageFailure.self) {
        try await run(segment("visits > 5"), tables)
      }
      #expect(
        error?.message
          == "stage \(name) must have one row for each id, and 1 stands in several, such as 7 (2 rows)"
      )
    }
  }

  @Test func `rows without a key are said`() async throws {
    var tables = Self.tables
    tables["users"] = frame([
      (Field("id", .int8), [nil, 1, nil]), (Field("city", .text), ["z", "x", "y"]),
      (Field("level", .int4), [30, 10, 20]),
    ])
    let error = await #expect(throws: StageFailure.self) {
      try await run(segment("visits > 5"), tables)
    }
    #expect(error?.help == "reject the rows without id in a clean stage before it is used here")
  }

  /// Ids in another form find nobody: who said no would be contacted, and who was contacted again.
  @Test func `where nobody is found nobody is contacted`() async throws {
    func target(_ more: String = "", _ suppress: String = "") -> String {
      """
      users: { extract: { from: shop, table: shop.users, key: id } }
      no: { extract: { from: shop, table: shop.no, key: id } }
      sends: { extract: { from: shop, table: shop.sends, key: n, time: sent } }
      out:
        target:
          input: [users, no]
          consent: { phone: may_call }
          suppress: [ { contacted_within: 14d, from: sends, entity: id\(suppress) } ]
          campaigns: [ { name: c, when: "said_no is not true", channel: phone, offer: o, cost: 1 } ]\(more)
      publish: { write: { input: out, table: marketing.list, key: [id, campaign] } }
      """
    }
    func tables(_ no: (Int) -> String?, _ sent: (Int) -> String?) -> [String: Frame] {
      let ids = Array(0..<20)
      return [
        "users": frame([
          (Field("id", .text), ids.map { "U\($0)" }),
          (Field("may_call", .bool), ids.map { _ in true }),
        ]),
        "no": frame([
          (Field("id", .text), ids.map(no)), (Field("said_no", .bool), ids.map { $0 < 5 }),
        ]),
        "sends": frame([
          (Field("n", .int8), ids), (Field("id", .text), ids.map(sent)),
          (Field("sent", .timestamptz), ids.map { _ in day(2026, 5, 28) }),
        ]),
      ]
    }
    func refusal(_ stages: String, _ tables: [String: Frame]) async throws -> String? {
      await #expect(throws: StageFailure.self) { try await run(stages, tables) }?.message
    }
    let same = { (id: Int) -> String? in "U\(id)" }
    let other = { (id: Int) -> String? in "u\(id)" }
    let absent = { (id: Int) -> String? in "U\(id + 100)" }
    #expect(
      try await refusal(target(), tables(other, same))
        == "20 of 20 rows of no (100%) find none in users by id")
    #expect(
      try await refusal(target(), tables(same, other))
        == "20 of 20 rows of sends since 2026-05-18 (100%) find none in users by id")
    #expect(
      try await refusal(target(), tables(same, { _ in nil }))?.hasSuffix(": 20 have none") == true)
    // It may be so, where the file says it.
    let allowed = target("\n    unmatched: 100%", ", unmatched: 100%")
    #expect(
      try await run(allowed, tables(absent, absent)).frame("out").rowCount == 20)
    let half = tables({ $0 < 10 ? "U\($0)" : "u\($0)" }, { $0 < 8 ? "U\($0)" : nil })
    let outcome = try await run(target(), half)
    #expect(try await outcome.frame("out").rowCount == 12)
    let result = try #require(outcome.results["out"])
    #expect(result.notes.contains("10 of 20 rows of no (50%) find none in users by id"))
    #expect(
      result.warnings.contains(
        "12 rows of sends since 2026-05-18 have no id: whoever they were may be contacted again"),
      "\(result.warnings)")
    #expect(
      try await refusal(target("\n    unmatched: 40%"), half)?.contains("10 of 20 rows of no")
        == true)
  }

  @Test func `who stands there twice is not contacted`() async throws {
    let target = { (extract: String) in
      """
      users: { extract: { from: shop, table: shop.users, key: id\(extract) } }
      out:
        target:
          input: users
          consent: { phone: may_call }
          campaigns: [ { name: c, when: "true", channel: phone, offer: o, cost: 1 } ]
      publish: { write: { input: out, table: marketing.list, key: [id, campaign] } }
      """
    }
    let ids = ["ann", "bob", "ann", "cid", "cid", "cid"]
    let users = frame([
      (Field("id", .text), ids), (Field("may_call", .bool), [true, true, false, true, nil, true]),
    ])
    let error = await #expect(throws: StageFailure.self) {
      try await run(target(""), ["users": users])
    }
    // A text may be somebody's name, whatever the files say of it.
    #expect(
      error?.message == "stage users must have one row for each id, and 2 stand in several")
    let single = try await run(target(""), ["users": users.taking([1, 3])])
    #expect(try await single.frame("out").texts("id") == ["bob", "cid"])
  }

  @Test func `keys must fit`() {
    var tables = Self.tables
    tables["facts"] = frame([
      (Field("id", .text), []), (Field("city", .text), []), (Field("visits", .int4), []),
    ])
    #expect(
      messages(segment("true"), tables)
        == ["error: 'id' is of type text in stage 'facts', of type bigint in stage 'users'"])
    let other = segment("true").replacing(
      "shop.facts, key: id", with: "shop.facts, key: [id, city]")
    #expect(
      messages(other, Self.tables)
        == ["error: stage 'facts' has the key id, city, stage 'users' id"])
    #expect(
      messages(segment("true", input: "[users, facts, users]"), Self.tables)
        == ["error: stage 'users' stands here twice"])
  }
}
