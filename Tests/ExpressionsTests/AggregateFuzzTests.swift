import Foundation
import Frames
import PostgresClient
import TestSupport
import Testing

@testable import Expressions

/// Aggregates of random expressions with random filters, printed as SQL and compared in Postgres.
@Suite struct AggregateFuzzTests {
  private typealias Kind = ExpressionGenerator.Kind

  private static let exact: [Kind] = [.int2, .int4, .int8, .numeric]
  private static let values: [Kind] = exact + [.text, .date, .timestamp, .timestamptz, .float8]
  private static let any: [Kind] = values + [.bool, .uuid]

  private static let forms: [(text: String, kinds: [Kind])] = [
    ("count($)", any), ("count(distinct $)", any), ("sum($)", exact), ("avg($)", exact),
    ("min($)", values), ("max($)", values), ("bool_or($)", [.bool]), ("bool_and($)", [.bool]),
    ("share($)", [.bool]), ("mode($)", any), ("top($, 2)", any), ("entropy($)", any),
    ("percentile_disc(0.4) within group (order by $)", any),
    ("percentile_cont(0.3) within group (order by $)", exact + [.float8]), ("median($)", exact),
    ("first($)", any), ("last($)", any), ("sessions('2 days')", [.bool]),
    ("current_streak('month')", [.bool]), ("weekend_share()", [.bool]),
    ("open_carts($, bool_a, '9000 days')", any),
    ("abandoned_carts($, bool_b, '9000 days')", any), ("avg_gap_days()", [.bool]),
  ]

  /// Those whose SQL another suite compares, since they take more than a value of any kind.
  private static let elsewhere: Set = AggregateTests.names.union(TimeAggregateTests.names)

  @Test func `every aggregate is compared with Postgres`() {
    let compared = Set(Self.forms.map { String($0.text.prefix { $0 != "(" }) })
      .union(Self.elsewhere)
    let missing = Aggregate.all.map(\.name).filter { !compared.contains($0) }
    #expect(
      missing.isEmpty,
      "add them to `forms`, or to the pairs of AggregateTests: Postgres is the witness of what they mean"
    )
  }

  @Test(arguments: 1...4)
  func `what is printed gives in Postgres what it gives here`(part: Int) async throws {
    // ROOST_SEED=n tries other expressions.
    let base = ProcessInfo.processInfo.environment["ROOST_SEED"].flatMap(UInt64.init) ?? 1
    let seed = base &* 31 &+ UInt64(part)
    try await withDatabase { database in
      let oracle = try await Oracle(database.connection, rows: 70, seed: seed)
      try await database.connection.execute(script: "set timezone = 'UTC'")
      let ids = Column(type: .int4, values: .int64((0..<70).map(Int64.init)))
      let frame = oracle.frame.setting(Field("id", .int4), to: ids)
      let groups = (0..<70).map { Int32($0 % 5) }
      var generator = ExpressionGenerator(random: SeededGenerator(seed: seed))
      var compared = 0
      for round in 0..<120 {
        let form = Self.forms[round % Self.forms.count]
        let kind = form.kinds.randomElement(using: &generator.random) ?? .int4
        var text = form.text.replacing("$", with: generator.expression(kind, depth: 2).ours)
        if Bool.random(using: &generator.random) {
          text += " filter (where \(generator.expression(.bool, depth: 2).ours))"
        }
        guard
          let expression = try? aggregate(text, frame.schema, orderedBy: "timestamptz_b"),
          let sql = try? expression.sql(
            in: .postgres, SQLSpelling(asOf: .instant(Oracle.asOf), zone: oracle.context.zone),
            of: SQLRows(order: ["id"]))
        else { continue }
        let ours: Column
        do {
          ours = try expression.accumulate(
            over: frame, groups: groups, groupCount: 5, in: oracle.context
          ).finish(Array(0..<5), in: oracle.context)
        } catch { continue }
        compared += 1
        let rows: [Row]
        do {
          rows = try await database.connection.query(
            "select (\(sql))::text from t group by id % 5 order by id % 5")
        } catch {
          Issue.record("\(text), seed \(seed): \(error), as \(sql)")
          continue
        }
        for group in 0..<5 {
          let (a, b) = (
            oracle.text(ours, group, .utc), try rows[group].optionalString(0)
          )
          // Of equal values such as 0 and -0 either may stand for both.
          let isSame =
            a == b || ours.type.isFloat && a.flatMap(Double.init) == b.flatMap(Double.init)
          if !isSame {
            Issue.record(
              "group \(group) of \(text), seed \(seed): ours \(a as Any), Postgres \(b as Any), as \(sql)"
            )
          }
        }
      }
      #expect(compared > 40)
    }
  }
}
