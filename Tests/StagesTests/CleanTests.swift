import Diagnostics
import Frames
import MemoryEngine
import Relations
import TestSupport
import Testing

@testable import PipelineFiles
@testable import Stages

@Suite struct CleanTests {
  private let asOf = day(2026, 6, 1)

  /// Rows of `id, grp, at, n, text` that are cleaned by some steps.
  private func clean(
    _ steps: String, expect: String = "", _ rows: [(Int, Int?, Instant?, Int?, String?)]
  ) async throws -> (frame: Frame, result: StageResult) {
    let table = frame([
      (Field("id", .int8, isNullable: false), rows.map(\.0)), (Field("grp", .int8), rows.map(\.1)),
      (Field("at", .timestamptz), rows.map(\.2)), (Field("n", .int4), rows.map(\.3)),
      (Field("text", .text), rows.map(\.4)),
    ])
    let outcome = try await run(
      """
      raw: { extract: { from: shop, table: shop.rows, key: id, time: at } }
      out:
        clean: { input: raw, steps: [ \(steps) ], expect: [ \(expect) ] }
      """, ["rows": table])
    let result = try #require(outcome.results["out"])
    return (try await outcome.frame("out"), result)
  }

  private func at(_ day: Int) -> Instant {
    Instant(microseconds: asOf.microseconds - Int64(day) * Instant.microsecondsPerDay)
  }

  @Test func `deduplicate keeps the latest`() async throws {
    let (frame, result) = try await clean(
      "{ deduplicate: { by: grp } }",
      [
        (1, 1, at(9), 0, "old"), (2, 1, at(5), 0, "new"), (3, 2, at(9), 0, "only"),
        (4, nil, at(9), 0, "null old"), (5, nil, at(8), 0, "null new"), (6, 1, at(6), 0, "between"),
      ])
    #expect(frame.integers("id") == [2, 3, 5])
    #expect(result.notes == ["deduplicate by grp: 3 rows"])
  }

  @Test func `deduplicate keeps the first`() async throws {
    let rows =
      [
        (1, 1, at(5), 7, "b"), (2, 1, at(9), 3, "a"), (3, 1, at(2), nil, "c"),
      ] as [(Int, Int?, Instant?, Int?, String?)]
    #expect(
      try await clean("{ deduplicate: { by: [grp], keep: first } }", rows).frame.integers("id") == [
        2
      ])
    // A row whose order is null is chosen only where there is no other.
    for keep in ["first", "latest"] {
      let steps = "{ deduplicate: { by: grp, keep: \(keep), order: n } }"
      let kept = try await clean(steps, rows).frame.integers("id")
      #expect(kept == [keep == "first" ? 2 : 1])
    }
    let nulls = rows.map { ($0.0, $0.1, $0.2, nil as Int?, $0.4) }
    #expect(try await clean("{ deduplicate: { by: grp, order: n } }", nulls).frame.rowCount == 1)
  }

  /// Ties are broken by the other columns, whatever the order in which the rows came.
  @Test func `deduplicate does not depend on the order of rows`() async throws {
    var random = SeededGenerator(seed: 7)
    var rows: [(Int, Int?, Instant?, Int?, String?)] = []
    for id in 0..<200 {
      rows.append(
        (
          id % 150, Int.random(in: 0..<40, using: &random),
          at(Int.random(in: 1...3, using: &random)),
          Int.random(in: 0..<3, using: &random),
          ["a", "b", nil].randomElement(using: &random) ?? nil
        ))
    }
    let first = try await clean("{ deduplicate: { by: grp } }", rows).frame
    for _ in 0..<5 {
      let again = try await clean("{ deduplicate: { by: grp } }", rows.shuffled(using: &random))
        .frame
      for name in ["id", "grp", "n", "at"] { #expect(first.integers(name) == again.integers(name)) }
      #expect(first.texts("text") == again.texts("text"))
    }
    // By brute force: one row for each group, with its latest time.
    let latest = Dictionary(grouping: rows) { $0.1 }.mapValues { $0.compactMap(\.2).max() }
    #expect(first.rowCount == latest.count)
    for (group, time) in zip(first.integers("grp"), first.integers("at")) {
      #expect(time.map(Int64.init) == latest[group]??.microseconds)
    }
  }

  @Test func `reject removes what is true only`() async throws {
    let (frame, result) = try await clean(
      "{ reject: { where: n < 0, reason: negative } }, { reject: { where: text = 'x', reason: x } }",
      [
        (1, 1, at(1), -1, "a"), (2, 1, at(1), nil, "a"), (3, 1, at(1), 0, "x"),
        (4, 1, at(1), 0, nil),
      ])
    #expect(frame.integers("id") == [2, 4])
    #expect(result.notes == ["reject negative: 1 rows", "reject x: 1 rows"])
    #expect(
      result.details["steps"]
        == .array([
          .object([
            "step": "reject negative", "looks_at": "row", "changed": 1, "removed": 1,
            "rejected": 1,
          ]),
          .object([
            "step": "reject x", "looks_at": "row", "changed": 1, "removed": 1, "rejected": 1,
          ]),
        ]))
  }

  @Test func `set sees the row as it was`() async throws {
    let (frame, result) = try await clean(
      "{ set: { n: n + 1, twice: n * 2, text: \"coalesce(text, 'none')\" } }",
      [(1, 1, at(1), 10, "a"), (2, 1, at(1), nil, nil), (3, 1, at(1), -1, nil)])
    #expect(frame.integers("n") == [11, nil, 0])
    #expect(frame.integers("twice") == [20, nil, -2])
    #expect(frame.texts("text") == ["a", "none", "none"])
    #expect(frame.schema.names == ["id", "grp", "at", "n", "text", "twice"])
    #expect(result.notes == ["set n, twice, text: 3 rows"])
    let same = try await clean(
      "{ set: { n: n } }", [(1, 1, at(1), 10, "a"), (2, 1, at(1), nil, "b")])
    #expect(same.result.notes.isEmpty, "nothing changed: \(same.result.notes)")
  }

  @Test func `fill gives nulls a value`() async throws {
    let rows =
      [
        (1, 1, at(1), 4, "b"), (2, 1, at(1), nil, nil), (3, 1, at(1), 1, "b"),
        (4, 1, at(1), 9, "a"),
        (5, 1, at(1), nil, "a"), (6, 2, at(1), 7, "c"),
      ] as [(Int, Int?, Instant?, Int?, String?)]
    #expect(
      try await clean("{ fill: { column: n, with: (grp * 10)::int } }", rows).frame.integers("n")
        == [4, 10, 1, 9, 10, 7])
    // The lower median of 1, 4, 7, 9; of the equally frequent a and b the smaller.
    #expect(
      try await clean("{ fill: { column: n, from: median } }", rows).frame.integers("n")
        == [4, 4, 1, 9, 4, 7])
    let (frame, result) = try await clean("{ fill: { column: text, from: mode } }", rows)
    #expect(frame.texts("text") == ["b", "a", "b", "a", "a", "c"])
    #expect(result.notes == ["fill text: 1 rows"])
    let nothing = rows.map { ($0.0, $0.1, $0.2, nil as Int?, $0.4) }
    #expect(
      try await clean("{ fill: { column: n, from: median } }", nothing).frame.integers("n")
        == Array(repeating: nil, count: 6))
  }

  /// A step that looks at several rows sees only those that were known at a cutoff.
  @Test func `steps that look at several rows are repeated for each cutoff`() async throws {
    let table = frame([
      (Field("id", .int8, isNullable: false), [1, 2, 3]),
      (Field("at", .timestamptz), [at(30), at(20), at(10)]), (Field("n", .int4), [5, 8, 100]),
    ])
    let outcome = try await run(
      """
      raw: { extract: { from: shop, table: shop.rows, key: id, time: at } }
      out:
        clean:
          input: raw
          steps: [ { clip: { column: n, to: [p0, p50] } }, { set: { m: n } } ]
      """, ["rows": table])
    #expect(try await outcome.frame("out").integers("m") == [5, 8, 8])
    #expect(try await outcome.frame("out", asOf: at(15)).integers("m") == [5, 5])
    #expect(try await outcome.frame("out", asOf: at(25)).integers("m") == [5])
    #expect(try await outcome.frame("out", asOf: at(30)).rowCount == 0)
  }

  @Test func `planning names what is wrong`() {
    let table = frame([
      (Field("id", .int8, isNullable: false), []), (Field("at", .timestamptz), []),
      (Field("n", .int4), []), (Field("text", .text), []),
    ])
    func mistakes(_ steps: String, time: String = ", time: at") -> [String] {
      messages(
        """
        raw: { extract: { from: shop, table: shop.rows, key: id\(time) } }
        out: { clean: { input: raw, steps: [ \(steps) ] } }
        """, ["rows": table])
    }
    #expect(
      mistakes("{ clip: { column: text, to: [p1, p9] } }")
        == ["error: 'text' is of type text and cannot be clipped"])
    #expect(
      mistakes("{ deduplicate: { by: [id, idd] } }") == ["error: the input has no column 'idd'"])
    #expect(
      mistakes("{ deduplicate: { by: id } }", time: "")
        == ["error: the input has no time to order by"])
    #expect(
      mistakes("{ fill: { column: text, from: median } }")
        == ["error: 'text' is of type text and has no median"])
    #expect(
      mistakes("{ set: { id: n } }")
        == ["error: 'id' identifies the rows and cannot be changed"])
    #expect(
      mistakes("{ set: { at: n } }")
        == ["error: 'at' says when a row is known and cannot be changed"])
    for step in ["clip: { column: at, to: [p0, p50] }", "fill: { column: at, from: median }"] {
      #expect(
        mistakes("{ \(step) }") == ["error: 'at' says when a row is known and cannot be changed"])
    }
    #expect(mistakes("{ set: { m: nn } }, { reject: { where: m > 0, reason: x } }").count >= 1)
  }

  /// Checks over rows that exist at one instant alone: a run that is resumed has them all again.
  @Test func `rows that pass as they are are kept whole`() async throws {
    let table = frame([(Field("id", .int8, isNullable: false), [1, 2, 3])])
    let shape = RelationShape(schema: table.schema, key: ["id"])
    let facts = RunFacts(asOf: asOf, zone: .utc)
    let fixed = FixedRelation(shape: shape, zone: .utc, asOf: asOf, frame: table)
    let plan = RelationPlan.stage("scores", shape)
    let engine = MemoryEngine()
    let opened = try await engine.open(plan, over: ["scores": fixed], in: facts)
    let kept = try #require(opened.relation.keptFrames(columns: ["id"]))
    let again = try await engine.reopen(plan, keeping: kept, over: ["scores": fixed], in: facts)
    #expect(try await again.frame(asOf: asOf).integers("id") == [1, 2, 3])
  }
}
