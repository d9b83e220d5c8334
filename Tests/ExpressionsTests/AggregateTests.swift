import Frames
import PostgresClient
import TestSupport
import Testing

@testable import Expressions

@Suite struct AggregateTests {
  /// Aggregates per group, and merged groups, give what Postgres gives. Floating sums may differ in
  /// the last digits, since Postgres adds in another order.
  @Test func `agrees with Postgres`() async throws {
    try await check(
      Self.ofPostgres.map { text in
        (
          text,
          text.replacing("money) /", with: "money)::float8 /")
            .replacing("long) /", with: "long)::float8 /")
        )
      })
  }

  @Test func `shorthands agree with Postgres`() async throws { try await check(Self.shorthands) }

  /// The aggregates that are compared here.
  static var names: Set<String> {
    let texts = ofPostgres + shorthands.map(\.0)
    return Set(texts.flatMap { $0.matches(of: /[a-z_]+(?=\()/).map { String($0.0) } })
  }

  private static let ofPostgres = [
    "count(*)", "count(text_a)", "count(distinct text_a)", "count(distinct float8_a)",
    "count(distinct money)", "count(distinct bool_a)", "count(distinct interval_a)",
    "sum(int2_a)", "sum(int4_a)", "sum(int8_a)", "sum(money)", "sum(long)", "avg(int4_a)",
    "min(int8_a)", "max(long)", "min(text_a)", "max(text_a)", "min(float8_a)", "max(float4_a)",
    "max(timestamptz_a)", "min(date_a)", "max(interval_a)", "bool_or(bool_a)", "bool_and(bool_a)",
    "sum(money * int2_a)", "sum(money - long) / nullif(count(*), 0)::int",
    "count(*) filter (where text_a = 'a')", "sum(10 / int4_a) filter (where int4_a <> 0)",
    "count(*) = 0", "days_since(max(timestamptz_a))", "max(int4_a) is null and count(*) > 2",
    "sum(money) filter (where bool_a) / nullif(sum(abs(money)), 0)",
    "stddev(money)", "avg(money)", "stddev_samp(int2_a)", "avg(float8_b) filter (where id < 3)",
    "stddev_pop(int4_a)", "variance(money)", "var_pop(float4_a)", "var_samp(long)",
    "mode() within group (order by text_a)", "mode() within group (order by money)",
    "mode() within group (order by timestamptz_a) filter (where bool_a)",
    "percentile_cont(0.25) within group (order by int4_a)",
    "percentile_cont(0.9) within group (order by money)",
    "percentile_cont(0.37) within group (order by float8_a) filter (where float8_a < 'infinity')",
    "percentile_disc(0.5) within group (order by text_a)",
    "percentile_disc(0) within group (order by date_a)",
    "percentile_disc(1) within group (order by long)",
    "percentile_disc(0.34) within group (order by uuid_a)",
    "coalesce(max(text_b), 'none') || min(text_a)", "every(int4_a > 0)", "count(distinct uuid_a)",
  ]

  /// What is not in Postgres, with what it stands for.
  private static let shorthands = [
    ("median(float4_a)", "percentile_cont(0.5) within group (order by float4_a)"),
    ("median(money)", "percentile_cont(0.5) within group (order by money)"),
    ("mode(text_b)", "mode() within group (order by text_b)"),
    ("mode(int4_a) + 1", "mode() within group (order by int4_a) + 1"),
    ("first(text_a)", first("text_a", "asc")), ("last(text_a)", first("text_a", "desc")),
    ("first(money)", first("money", "asc")), ("last(float8_a)", first("float8_a", "desc")),
    ("last(int4_a) - first(int4_a)", first("int4_a", "desc") + " - " + first("int4_a", "asc")),
    ("last(timestamp_b)", first("timestamp_b", "desc")),
    ("first(bool_a)", first("bool_a", "asc")), ("last(uuid_a)", first("uuid_a", "desc")),
  ]

  private static func first(_ value: String, _ direction: String) -> String {
    """
    (array_agg(\(value) order by timestamptz_a \(direction), id \(direction))
      filter (where \(value) is not null and timestamptz_a is not null))[1]
    """
  }

  /// The database is one for all of them, and so are the groups.
  private func check(_ pairs: [(ours: String, theirs: String)]) async throws {
    try await withDatabase { database in
      let oracle = try await Oracle(database.connection, rows: 80, seed: 5)
      // Groups by row number: 0 to 6, of which 5 is skipped; the last has no rows.
      let groups = (0..<80).map { $0 % 7 == 5 ? Int32(-1) : Int32($0 % 7) }
      let ids = Column(type: .int4, values: .int64((0..<80).map(Int64.init)))
      let frame = oracle.frame.setting(Field("id", .int4), to: ids)
      for (text, sql) in pairs {
        let expression = try aggregate(text, frame.schema, orderedBy: "timestamptz_a")
        var states = try expression.accumulate(
          over: frame, groups: groups, groupCount: 8, in: oracle.context)
        let apart = try states.finish([0, 1, 2, 3, 4, 6, 7], in: oracle.context)
        try await compareTyped(oracle, expression, text, apart)
        states.merge(0, into: 1)
        states.merge(7, into: 1)
        states.merge(1, into: 2)
        states.merge(2, into: 7)
        let together = try states.finish([7], in: oracle.context)
        for (place, group) in [0, 1, 2, 3, 4, 6, 7].enumerated() {
          try await compare(oracle, apart, place, sql, "id % 7 = \(group)")
        }
        try await compare(oracle, together, 0, sql, "id % 7 in (0, 1, 2)")
      }
    }
  }

  /// What is printed from the types, for groups that have rows, and over the rows of a condition for the
  /// one that has none. Exactly, unless floating point is added up, which Postgres does another way.
  private func compareTyped(
    _ oracle: Oracle, _ expression: AggregateExpression, _ text: String, _ ours: Column
  ) async throws {
    let spelling = SQLSpelling(asOf: .instant(Oracle.asOf), zone: oracle.context.zone)
    let grouped = try expression.sql(in: .postgres, spelling, of: SQLRows(order: ["id"]))
    let none = try expression.sql(
      in: .postgres, spelling, of: SQLRows(filter: "id < 0", order: ["id"]))
    let rows = try await oracle.database.query(
      """
      (select (\(grouped))::text, pg_typeof(\(grouped))::text from t where id % 7 <> 5
      group by id % 7 order by id % 7)
      union all select (\(none))::text, pg_typeof(\(none))::text from t
      """)
    let isSum = text.contains(/avg\(float|stddev|var/)
    for place in 0..<ours.count {
      let (a, b) = (oracle.text(ours, place), try rows[place].optionalString(0))
      if isSum, let a = a.flatMap(Double.init), let b = b.flatMap(Double.init), a.isFinite {
        #expect(abs(a - b) <= 1e-12 * max(abs(a), abs(b)), "\(text) of \(place), as \(grouped)")
      } else if ours.type == .interval {
        #expect(
          a.flatMap(IntervalText.parse).map(IntervalText.span)
            == b.flatMap(IntervalText.parse).map(IntervalText.span), "\(text)")
      } else {
        #expect(a == b, "\(text) of \(place), as \(grouped)")
      }
      #expect(try ours.type.sqlName.hasPrefix(rows[place].string(1)), "\(text), as \(grouped)")
    }
  }

  private func compare(
    _ oracle: Oracle, _ column: Column, _ place: Int, _ sql: String, _ condition: String
  ) async throws {
    let rows = try await oracle.database.query(
      "select (\(sql))::text, pg_typeof(\(sql))::text from t where \(condition)")
    let theirs = try rows[0].optionalString(0)
    let type = try rows[0].string(1)
    let ours = oracle.text(column, place)
    if column.type == .float8, let a = ours.flatMap(Double.init),
      let b = theirs.flatMap(Double.init),
      a.isFinite
    {
      #expect(abs(a - b) <= 1e-9 * max(abs(a), abs(b)), "\(sql) where \(condition)")
      return
    }
    if column.type == .interval {
      // Of equal ones such as 30 days and 1 mon either may be the greatest.
      #expect(
        ours.flatMap(IntervalText.parse).map(IntervalText.span)
          == theirs.flatMap(IntervalText.parse).map(IntervalText.span))
    } else {
      #expect(ours == theirs, "\(sql) where \(condition)")
      #expect(column.type == .float8 || column.type.sqlName.hasPrefix(type))
    }
  }

  @Test func `a sum out of range names its state`() throws {
    let huge = Int128(9) * Decimal.powers[37]
    let type = ColumnType.numeric(precision: 38, scale: 0)
    let frame = Frame(
      schema: Schema([Field("x", type)]),
      columns: [Column(type: type, values: .int128([1, huge, huge, huge]))], rowCount: 4)
    let states = try aggregate("sum(x)", frame.schema).accumulate(
      over: frame, groups: [0, 1, 1, 1], groupCount: 2, in: context)
    let error = try #require(throws: EvaluationError.self) {
      try states.finish([0, 1], in: context)
    }
    #expect(error.kind == .outOfRange)
    #expect(error.row == 1)
  }
}
