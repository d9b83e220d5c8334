import Frames
import Testing

@testable import PipelineFiles
@testable import Relations
@testable import Stages

/// Rows that repeat a key are told, and stop what needs one row for each.
@Suite struct RepeatedKeyTests {
  private static let table = frame([
    (Field("id", .int8), [3, 1, 1, nil, 1, 2, 3, nil]),
    (Field("name", .text), ["c", "a", "a", nil, "b", "b", "d", nil]),
    (Field("at", .timestamptz), [1, 1, 2, 3, 40, 5, 6, 7].map { _ in day(2026, 1, 1) }),
  ])

  private func warnings(_ stages: String) async throws -> [String] {
    try await run(stages, ["rows": Self.table]).results["raw"]?.warnings ?? []
  }

  private static let nulls =
    "2 of 8 rows have no id, which is part of the key: reject them in a clean stage, or leave them "
    + "out in the SELECT"

  private static func repeats(_ count: Int, _ key: String) -> String {
    "\(count) of 8 rows repeat the key \(key), and all of them count: deduplicate them in a clean "
      + "stage, or name a fuller key"
  }

  @Test func `an extract warns of them`() async throws {
    #expect(
      try await warnings("raw: { extract: { from: shop, table: shop.rows, key: id, time: at } }")
        == [Self.nulls, Self.repeats(3, "id")])
    let both = try await warnings(
      "raw: { extract: { from: shop, table: shop.rows, key: [name, id], time: at } }")
    #expect(both.count == 3 && both.last == Self.repeats(1, "name, id"))
  }

  @Test func `an extract is silent where all users take them out`() async throws {
    let raw = "raw: { extract: { from: shop, table: shop.rows, key: [id, name], time: at } }\n"
    let out = "out: { clean: { input: raw, steps: [ { deduplicate: { by: id } } ] } }\n"
    let other = "other: { clean: { input: raw } }\n"
    let byMore = out.replacing("by: id", with: "by: [id, at]")
    #expect(!(try await warnings(raw + out)).contains(Self.repeats(1, "id, name")))
    #expect(try await warnings(raw + out + other).contains(Self.repeats(1, "id, name")))
    #expect(try await warnings(raw + byMore).contains(Self.repeats(1, "id, name")))
  }

  @Test func `rows that hold at different times repeat nothing`() async throws {
    let table = frame([
      (Field("id", .int8), [1, 1, 2]),
      (Field("since", .timestamptz), [day(2026, 1, 1), day(2026, 2, 1), day(2026, 1, 1)]),
      (Field("until", .timestamptz), [day(2026, 2, 1), nil, nil]),
    ])
    let outcome = try await run(
      "raw: { extract: { from: shop, table: shop.rows, key: id, valid_from: since, valid_to: until } }",
      ["rows": table])
    #expect(outcome.results["raw"]?.warnings == [])
  }

  @Test(arguments: ["raw", "out"]) func `features need one row for each`(stage: String) async throws
  {
    let stages = """
      raw: { extract: { from: shop, table: shop.rows, key: id, time: at } }
      out: { clean: { input: raw, steps: [ { deduplicate: { by: id } } ] } }
      features: { features: { entity: \(stage).id, from: { raw: { ever: { n: count(*) } } } } }
      """
    guard stage == "raw" else {
      #expect(try await run(stages, ["rows": Self.table]).frame("features").rowCount == 3)
      return
    }
    let failure = await #expect(throws: StageFailure.self) {
      _ = try await run(stages, ["rows": Self.table])
    }
    #expect(
      failure?.message
        == "stage raw has several rows for one id, its key: 3 of 8 rows repeat one before")
  }

  /// The column of a longer key names entities, each as often as it likes.
  @Test func `features of a part of a key take each once`() async throws {
    let outcome = try await run(
      """
      raw: { extract: { from: shop, table: shop.rows, key: [id, name], time: at } }
      features: { features: { entity: raw.id, from: { raw: { ever: { n: count(*) } } } } }
      """, ["rows": Self.table])
    #expect(try await outcome.frame("features").integers("n") == [3, 1, 2])
  }

  @Test func `nothing is published with them`() async throws {
    let failure = await #expect(throws: StageFailure.self) {
      _ = try await run(
        """
        raw: { extract: { from: shop, table: shop.rows, key: [id, name], time: at } }
        kept: { clean: { input: raw, steps: [ { reject: { where: id is null, reason: none } } ] } }
        out: { write: { input: kept, table: marketing.rows, key: id } }
        """, ["rows": Self.table])
    }
    #expect(failure?.message == "3 rows for marketing.rows repeat the key id")
  }
}
