import Frames
import Testing

@testable import PipelineFiles
@testable import Stages

/// What does not hold stops the run, as a check and not as an error.
@Suite struct ExpectationTests {
  private static let table = frame([
    (Field("id", .int8, isNullable: false), [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]),
    (Field("n", .int4), [1, 1, nil, 2, 3, -1, 4, 5, 6, 7]),
    (Field("m", .int4), [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]),
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
    "{ rejected: '= 1' }", "{ rejected: '< 10.1%' }",
  ]) func holds(expect: String) async throws { #expect(try await failure(expect) == nil) }

  @Test(arguments: [
    ("{ rows: '>= 10' }", "expected rows >= 10, found 9"),
    ("{ rows: '> 9' }", "expected rows > 9, found 9"),
    ("{ not_null: [m, n] }", "expected no nulls in n, found 1 in 9 rows"),
    ("{ unique: n }", "expected n to be unique, found 1 rows too many"),
    ("{ rejected: '< 10%' }", "expected rejected rows < 10%, found 1 of 10"),
    ("{ rejected: '<= 0' }", "expected rejected rows <= 0, found 1 of 10"),
  ]) func stops(expect: String, message: String) async throws {
    let found = try #require(try await failure(expect))
    #expect(found.message == message)
    #expect(found.isBlockedByCheck)
    #expect(found.help != nil)
  }

  @Test func columnsAreCheckedBefore() {
    #expect(
      messages(
        """
        raw: { extract: { from: shop, table: shop.rows, key: id } }
        out: { clean: { input: raw, expect: [ { not_null: [n, nn] }, { unique: mm } ] } }
        """, ["rows": Self.table])
        == ["error: the result has no column 'nn'", "error: the result has no column 'mm'"])
  }
}
