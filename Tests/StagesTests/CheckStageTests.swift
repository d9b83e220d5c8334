import Frames
import Testing

@testable import PipelineFiles
@testable import Relations
@testable import Stages

/// What a check stage says of rows, and what follows from it.
@Suite struct CheckStageTests {
  private static let tables: Tables = [
    "orders": frame([
      (Field("id", .int8, isNullable: false), [1, 2, 3, 4]),
      (Field("buyer", .int8), [1, 2, 9, nil]),
      (Field("amount", .numeric(precision: 12, scale: 2)), [1000, 2000, 3000, nil]),
      (Field("weight", .float8), [0.1, 0.2, 0.3, nil]),
      (Field("weight_class", .int2), [1, 1, 2, 1]),
      (Field("currency", .text), ["EUR", "eur", nil, "USD"]),
      (Field("at", .timestamptz), [day(2026, 5, 27), day(2026, 5, 30), nil, day(2026, 5, 29)]),
    ]),
    "users": frame([(Field("id", .int4, isNullable: false), [1, 2])]),
    "payments": frame([
      (Field("id", .int8, isNullable: false), [1, 2]),
      (Field("amount", .numeric(precision: 12, scale: 1)), [400, 200]),
      (Field("paid", .numeric(precision: 12, scale: 1)), [400, 203]),
      (Field("weight", .float4), [0.6, nil]),
    ]),
  ]

  private static let extracts = """
    orders: { extract: { from: shop, table: shop.orders, key: id } }
    users: { extract: { from: shop, table: shop.users, key: id } }
    payments: { extract: { from: shop, table: shop.payments, key: id } }

    """

  private func check(_ expect: String, severity: String = "stop") async throws -> StageResult? {
    try await run(
      Self.extracts
        + "out: { check: { input: orders, severity: \(severity), expect: [ \(expect) ] } }",
      Self.tables
    ).results["out"]
  }

  @Test(arguments: [
    "{ rows: '= 4' }", "{ unique: id }", "{ fresh: { column: at, within: 2d } }",
    "{ share_of_nulls: { buyer: '<= 25%', id: '= 0' } }",
    "{ matches: { currency: '^[A-Za-z]{3}$' } }",
    "{ relationship: { id: orders.id } }",
    "{ sums_agree: { column: amount, with: payments.amount } }",
    "{ sums_agree: { column: amount, with: payments.paid, within: 0.5% } }",
    "{ sums_agree: { column: weight, with: payments.weight, within: 0.001% } }",
  ]) func holds(expect: String) async throws {
    let result = try #require(try await check(expect))
    #expect(result.warnings == [] && result.details["violated"] == 0)
    guard case .nothing = result.output else {
      Issue.record("a check hands on nothing")
      return
    }
  }

  private static let violated: [(String, String, String?)] = [
    ("{ rows: '> 4' }", "expected rows > 4, found 4", nil),
    (
      "{ fresh: { column: at, within: 1d } }",
      "expected at to reach within 1d of the as-of, but the latest is 2 days older than the as-of",
      nil
    ),
    (
      "{ share_of_nulls: { currency: '< 25%' } }",
      "expected a share of nulls in currency < 25%, found 1 in 4 rows",
      #"--where "currency is null""#
    ),
    (
      "{ matches: { currency: '^[A-Z]{3}$' } }",
      "expected currency to match its pattern, found 1 of 4 rows that do not",
      #"--where "currency !~ '^[A-Z]{3}\$'""#
    ),
    (
      "{ relationship: { buyer: users.id } }",
      "expected every buyer to stand in users.id, found 1 of 4 rows whose does not",
      #"--missing "buyer=users.id""#
    ),
    (
      "{ unique: weight_class }", "expected weight_class to be unique, found 2 rows too many",
      "--repeats weight_class"
    ),
    (
      "{ sums_agree: { column: amount, with: payments.paid, within: 0.1% } }",
      "expected the sum of amount to be that of payments.paid within 0.1%, but they lie 0.498% apart",
      nil
    ),
  ]

  @Test(arguments: 0..<7) func stops(case number: Int) async throws {
    let (expect, message, offending) = Self.violated[number]
    let failure = await #expect(throws: StageFailure.self) { _ = try await check(expect) }
    #expect(failure?.message == message)
    #expect(failure?.isBlockedByCheck == true)
    let command = "roost preview test.yaml orders --as-of 2026-06-01 "
    #expect(
      failure?.help?.contains(command) == (offending != nil), "\(String(describing: failure?.help))"
    )
    if let offending {
      #expect(failure?.help?.hasSuffix(command + offending) == true)
    }
  }

  @Test func `warn goes on`() async throws {
    let expectations = Self.violated.map(\.0).joined(separator: ", ")
    let result = try #require(try await check(expectations, severity: "warn"))
    #expect(
      result.warnings
        == Self.violated.map { _, message, offending in
          message
            + (offending.map {
              "; see the rows with: roost preview test.yaml orders --as-of 2026-06-01 " + $0
            } ?? "")
        })
    #expect(result.notes == ["0 of 7 expectations hold"])
  }

  @Test(arguments: [
    ("{ fresh: { column: id, within: 1d } }", "error: column 'id' is of type bigint, not a time"),
    ("{ share_of_nulls: { id: '<= 5' } }", "error: a share lies between 0% and 100%"),
    ("{ matches: { id: x } }", "error: 'id' is of type bigint, not a text"),
    (
      "{ relationship: { currency: users.id } }",
      "error: 'currency' is of type text, 'id' of stage 'users' of type integer"
    ),
    ("{ relationship: { id: users.ident } }", "error: stage 'users' has no column 'ident'"),
    (
      "{ sums_agree: { column: currency, with: payments.amount } }",
      "error: 'currency' is of type text, not a number"
    ),
    ("", "error: nothing is expected of stage 'orders'"),
  ]) func refuses(expect: String, message: String) {
    let found = messages(
      Self.extracts + "out: { check: { input: orders, expect: [ \(expect) ] } }", Self.tables)
    #expect(found == [message])
  }

  @Test func `a wrong pattern is shown where it stands`() {
    let found = messages(
      Self.extracts
        + "out: { check: { input: orders, expect: [ { matches: { currency: '[A' } } ] } }",
      Self.tables)
    #expect(found.count == 1)
  }

  /// Later runs look measures up by the names of columns, which JSON's ways with names must not change.
  @Test func `what checks measured is read as it was written`() throws {
    let measures: [String: Double?] = ["sum of paid_amount": 1.5, "nulls of cityName": 0, "x": nil]
    let written = try JSONValue(
      details: CheckDetails(expectations: 3, violated: 1, measures: measures))
    #expect(written["measures"]?["sum of paid_amount"]?.double == 1.5)
    let read = try #require(JSONValue(parsing: written.text)?.details(as: CheckDetails.self))
    #expect(read.measures == measures)
    #expect(JSONValue.object([:]).details(as: CheckDetails.self) == nil)
  }
}
