import Frames
import Testing

@testable import PipelineFiles
@testable import Relations
@testable import Stages

/// What does not hold stops the run, as a check and not as an error.
@Suite struct ExpectationTests {
  private static let table = frame([
    (Field("id", .int8, isNullable: false), [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]),
    (Field("n", .int4), [1, 1, nil, 2, 3, -1, 4, 5, 6, 7]),
    (Field("m", .int4), [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]),
    (Field("text", .text), ["it's", nil, "7", "7", "7", "7", "7", "7", "7", "7"]),
    (Field("at", .timestamptz), (0..<10).map { _ in day(2026, 1, 1) }),
  ])

  private func failure(_ expect: String) async throws -> StageFailure? {
    do {
      _ = try await run(
        """
        raw: { extract: { from: shop, table: shop.rows, key: id } }
        out:
          clean:
            input: raw
            steps: [ { reject: { where: n < 0, reason: negative } } ]
            expect: [ \(expect) ]
        """, ["rows": Self.table])
      return nil
    } catch let failure as StageFailure { return failure }
  }

  @Test(arguments: [
    "{ rows: '>= 9' }", "{ rows: '= 9' }", "{ rows: '< 10' }", "{ not_null: m }",
    "{ not_null: [id, m] }", "{ unique: id }", "{ unique: [n, m] }", "{ rejected: '<= 10%' }",
    "{ rejected: '= 1' }", "{ rejected: '< 10.1%' }", "{ between: { n: [1, 7], m: [0, 10.5] } }",
    "{ accepted: { n: [1, 2, 3, 4, 5, 6, 7], text: ['it''s', 7] } }",
    "{ between: { at: [2025-12-31, 2026-01-02] } }",
  ]) func holds(expect: String) async throws { #expect(try await failure(expect) == nil) }

  @Test(arguments: [
    ("{ rows: '>= 10' }", "expected rows >= 10, found 9"),
    ("{ rows: '> 9' }", "expected rows > 9, found 9"),
    ("{ not_null: [m, n] }", "expected no nulls in n, found 1 in 9 rows"),
    ("{ unique: n }", "expected n to be unique, found 1 rows too many"),
    ("{ rejected: '< 10%' }", "expected rejected rows < 10%, found 1 of 10"),
    ("{ rejected: '<= 0' }", "expected rejected rows <= 0, found 1 of 10"),
    (
      "{ between: { n: [2, 6.5] } }",
      "expected n to be between 2 and 6.5, found 3 of 9 rows that are not"
    ),
    (
      "{ accepted: { text: [it, 7] } }",
      "expected text to be one of 2 values, found 1 of 9 rows that are not"
    ),
    (
      "{ between: { at: [2026-01-02, 2026-01-03] } }",
      "expected at to be between 2026-01-02 and 2026-01-03, found 9 of 9 rows that are not"
    ),
  ]) func stops(expect: String, message: String) async throws {
    let found = try #require(try await failure(expect))
    #expect(found.message == message)
    #expect(found.isBlockedByCheck)
    #expect(found.help != nil)
  }

  @Test func `all that do not hold are told`() async throws {
    let found = try #require(
      try await failure(
        "{ not_null: [m, n] }, { rows: '> 9' }, { accepted: { n: [1, 2], text: ['a\"$b', 7] } }"))
    #expect(
      found.message
        == "4 expectations do not hold: expected no nulls in n, found 1 in 9 rows; "
        + "expected rows > 9, found 9; "
        + "expected n to be one of 2 values, found 5 of 9 rows that are not; "
        + "expected text to be one of 2 values, found 1 of 9 rows that are not")
    let preview = "roost preview test.yaml out --as-of 2026-06-01 --where"
    #expect(
      found.help
        == "reject or fill them in a step; look at the source, or change the bound; "
        + "reject or mend them in a step; see the rows with: "
        + #"\#(preview) "n is null"; \#(preview) "n not in (1, 2)"; "#
        + #"\#(preview) "text not in ('a\"\$b', '7')""#)
  }

  @Test func `values are typed before`() {
    func mistakes(_ expect: String) -> [String] {
      messages(
        """
        raw: { extract: { from: shop, table: shop.rows, key: id } }
        out: { clean: { input: raw, expect: [ \(expect) ] } }
        """, ["rows": Self.table])
    }
    #expect(
      mistakes("{ between: { n: [a, 5] } }") == ["error: the text is no value of type integer"])
    #expect(mistakes("{ accepted: { at: [noon] } }").count == 1)
    #expect(mistakes("{ accepted: { nn: [1] } }") == ["error: the result has no column 'nn'"])
    #expect(mistakes("{ accepted: { n: [] } }") == ["error: no value is accepted"])
    #expect(
      mistakes("{ between: { n: [1] } }") == ["error: 'n' needs its least and its greatest value"])
    #expect(mistakes("{ between: { n: [5, 1] } }") == ["error: nothing lies between 5 and 1"])
  }

  @Test func `columns are checked before`() {
    #expect(
      messages(
        """
        raw: { extract: { from: shop, table: shop.rows, key: id } }
        out: { clean: { input: raw, expect: [ { not_null: [n, nn] }, { unique: mm } ] } }
        """, ["rows": Self.table])
        == ["error: the result has no column 'nn'", "error: the result has no column 'mm'"])
  }
}
