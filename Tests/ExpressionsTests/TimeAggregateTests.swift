import Frames
import PostgresClient
import TestSupport
import Testing

@testable import Expressions

/// Aggregates that Postgres does not have, compared with hand-written SQL over rows with clusters of
/// times, equal times, nulls, infinities, one row and no rows.
@Suite struct TimeAggregateTests {
  /// Each with a query of rows `s` with a time `t`, a local time `l`, a number `x`, a text `c` and a
  /// condition `b`.
  /// The aggregates that are compared here.
  static var names: Set<String> {
    Set(pairs.flatMap { $0.0.matches(of: /[a-z_]+(?=\()/).map { String($0.0) } })
  }

  private static let pairs = [
    ("share(b)", "select avg(b::int) from s"),
    ("share(c = 'a')", "select avg((c = 'a')::int) from s"),
    (
      "share(c is not distinct from 'a') filter (where x > 0)",
      "select avg((c is not distinct from 'a')::int) from s where x > 0"
    ),
    ("entropy(c)", entropy("c")), ("entropy(x) filter (where b)", entropy("x", "b")),
    ("slope(x)", slope), ("slope(x * 2) filter (where b)", slope + " and b"),
    ("avg_gap_days()", "select avg(g) from (\(gaps)) g"),
    ("avg_gap_days() filter (where b)", "select avg(g) from (\(gaps) and b) g"),
    ("stddev_gap_days()", "select stddev(g) from (\(gaps)) g"),
    (
      "gap_variation()",
      "select case when count(g) > 1 then stddev(g) / nullif(avg(g), 0) end from (\(gaps)) g"
    ),
    ("longest_streak('day')", longestStreak("day")),
    ("longest_streak('week')", longestStreak("week")),
    ("longest_streak('month')", longestStreak("month")),
    ("longest_streak('day') filter (where b)", longestStreak("day", "b")),
    ("current_streak('day')", currentStreak("day")),
    ("current_streak('week')", currentStreak("week")),
    ("current_streak('month')", currentStreak("month")),
    ("current_streak('day') filter (where b)", currentStreak("day", "b")),
    ("sessions('30 minutes')", sessions("count(*)", "30 minutes")),
    ("sessions('2 days')", sessions("count(*)", "48 hours")),
    ("sessions(interval '1 hour') filter (where b)", sessions("count(*)", "1 hour", "b")),
    ("avg_session_minutes('30 minutes')", sessions("avg(minutes)", "30 minutes")),
    ("avg_session_depth('30 minutes')", sessions("avg(depth)", "30 minutes")),
    ("bounce_rate('30 minutes')", sessions("avg((depth = 1)::int)", "30 minutes")),
    ("hour_share(22, 6)", hours("hour >= 22 or hour < 6")),
    ("hour_share(9, 17)", hours("hour >= 9 and hour < 17")),
    ("hour_share(18, 24)", hours("hour >= 18")),
    (
      "weekend_share()",
      "select avg((extract(isodow from l) >= 6)::int) from s where isfinite(l)"
    ),
    (
      "count(distinct date_trunc('week', t))", "select count(distinct date_trunc('week', l)) from s"
    ),
    ("top(c, 1)", ranked("c", 1)), ("top(c, 2)", ranked("c", 2)), ("top(x, 3)", ranked("x", 3)),
    ("top(c, 2) filter (where b)", ranked("c", 2, "b")), ("top(c, 9)", ranked("c", 9)),
    (
      "cart_abandonment(c, b, '24 hours')",
      "select avg(abandoned::int) from (\(carts("1 day"))) k where closed"
    ),
    (
      "cart_abandonment(c, b, '20 minutes') filter (where x > 0)",
      "select avg(abandoned::int) from (\(carts("20 minutes", "x > 0"))) k where closed"
    ),
    (
      "abandoned_carts(c, x > 1, interval '9 days')",
      "select count(*) from (\(carts("9 days", buys: "x > 1"))) k where closed and abandoned"
    ),
    (
      "open_carts(c, b, '24 hours')",
      "select count(*) from (\(carts("1 day"))) k where not closed and bought_at is null"
    ),
    (
      "open_carts(x, c = 'a', '40 days')",
      """
      select count(*) from (\(carts("40 days", cart: "x", buys: "c = 'a'"))) k
      where not closed and bought_at is null
      """
    ),
    (
      "sessions('1 hour') > 1 and bounce_rate('1 hour') < 0.5",
      """
      select (\(sessions("count(*)", "1 hour"))) > 1 and
        (\(sessions("avg((depth = 1)::int)", "1 hour"))) < 0.5
      """
    ),
  ]

  private static func entropy(_ value: String, _ condition: String = "true") -> String {
    """
    select -sum(p * ln(p)) from (
      select count(*)::float8 / sum(count(*)) over () as p from s
      where \(value) is not null and (\(condition)) group by \(value)) p
    """
  }

  private static let slope = """
    select case when count(distinct t) > 1
      then regr_slope(k * x, extract(epoch from t - timestamp '2024-01-01') / 86400) end
    from s where isfinite(t) and x is not null
    """

  private static let gaps = """
    select extract(epoch from t - lag(t) over (order by t))::float8 / 86400 as g
    from s where isfinite(t)
    """

  /// Gaps and islands: periods of one streak are as far from their row numbers.
  private static func islands(_ unit: String, _ condition: String) -> String {
    """
    select count(*) as length, max(p) as last from (
      select p, p - row_number() over (order by p) as island from (
        select distinct \(number("l", unit)) as p from s where isfinite(l) and (\(condition))) p) i
    group by island
    """
  }

  private static func number(_ time: String, _ unit: String) -> String {
    switch unit {
    case "month": "(extract(year from \(time)) * 12 + extract(month from \(time)))::int"
    case "week": "(date_trunc('week', \(time))::date - date '1900-01-01') / 7"
    default: "\(time)::date - date '1900-01-01'"
    }
  }

  private static func longestStreak(_ unit: String, _ condition: String = "true") -> String {
    "select coalesce(max(length), 0) from (\(islands(unit, condition))) i"
  }

  private static func currentStreak(_ unit: String, _ condition: String = "true") -> String {
    let now = number("timestamp '2024-03-31 00:00'", unit)
    return """
      select coalesce(max(length), 0)
      from (\(islands(unit, "l < timestamp '2024-04-01' and (\(condition))"))) i
      where last >= \(now) - 1
      """
  }

  private static func sessions(
    _ measure: String, _ gap: String, _ condition: String = "true"
  ) -> String {
    """
    select \(measure) from (
      select count(*) as depth, extract(epoch from max(t) - min(t))::float8 / 60 as minutes from (
        select t, count(*) filter (where g is null or g > interval '\(gap)')
          over (order by t, n) as session
        from (select t, n, t - lag(t) over (order by t, n) as g
          from (select t, row_number() over (order by t) as n from s
            where isfinite(t) and (\(condition))) n) g) e
      group by session) d
    """
  }

  private static func ranked(
    _ value: String, _ rank: Int, _ condition: String = "true"
  ) -> String {
    """
    select \(value) from s where \(value) is not null and (\(condition))
    group by 1 order by count(*) desc, 1 offset \(rank - 1) limit 1
    """
  }

  /// Intervals of a `timestamptz` are given in elapsed time.
  private static func carts(
    _ limit: String, _ condition: String = "true", cart: String = "c", buys: String = "b"
  ) -> String {
    """
    select bought_at, change + elapsed <= now as closed,
      bought_at is null or bought_at >= change + elapsed as abandoned
    from (
      select change, now, make_interval(secs => extract(epoch from interval '\(limit)')) as elapsed,
        (select min(t) from s where isfinite(t) and (\(buys)) and (\(condition))
          and \(cart) = k.cart and t >= change) as bought_at
      from (select \(cart) as cart, max(t) as change, max(n) as now from s
        where isfinite(t) and not (\(buys)) and \(cart) is not null and (\(condition))
        group by \(cart)) k) k
    """
  }

  private static func hours(_ condition: String) -> String {
    """
    select avg((\(condition))::int)
    from (select extract(hour from l) as hour from s where isfinite(l)) h
    """
  }

  @Test(arguments: [ColumnType.timestamptz, .timestamp, .date], [1, 2, 3])
  func `agrees with Postgres`(type: ColumnType, seed: Int) async throws {
    let groupCount = 12
    var random = SeededGenerator(seed: UInt64(seed))
    let rows = (0..<260).map { _ in Row(groups: groupCount, type, using: &random) }
    let frame = Row.frame(rows, type)
    let zone = try #require(CalendarZone(named: Oracle.zone))
    let context = EvaluationContext(asOf: Oracle.asOf, zone: zone)
    try await withDatabase { database in
      try await Row.create(rows, type, in: database.connection)
      let times = SharedTimes()
      for (text, sql) in Self.pairs where type != .date || !text.hasPrefix("hour_share") {
        let expression = try aggregate(text, frame.schema, orderedBy: "t")
        var states = try expression.accumulate(
          over: frame, groups: rows.map(\.group), groupCount: groupCount, in: context,
          times: times)
        let apart = try states.finish(Array(0..<groupCount), in: context)
        for group in 1..<groupCount { states.merge(group - 1, into: group) }
        let together = try states.finish(Array(0..<groupCount), in: context)
        let query = sql.replacing("k * x", with: text.contains("x * 2") ? "2 * x" : "x")
        let theirs = try await database.connection.query(
          """
          select (with s as (select * from r where grp = g) select (\(query)))::text,
            (with s as (select * from r where grp between 0 and g) select (\(query)))::text
          from generate_series(0, \(groupCount - 1)) g order by g
          """)
        let (printed, printedTogether) = try await self.printed(
          expression, groupCount, context, database.connection)
        for group in 0..<groupCount {
          if let printed = printed[group] {
            try compare(apart, group, printed, "\(text) of \(group), \(type), printed")
          }
          try compare(
            together, group, printedTogether[group], "\(text) up to \(group), \(type), printed")
          try compare(
            apart, group, theirs[group].optionalString(0), "\(text) of \(group), \(type)")
          try compare(
            together, group, theirs[group].optionalString(1), "\(text) up to \(group), \(type)")
        }
      }
    }
  }

  /// What is printed from the types gives for each group that has rows, and for the rows up to each group.
  private func printed(
    _ expression: AggregateExpression, _ groupCount: Int, _ context: EvaluationContext,
    _ database: PostgresConnection
  ) async throws -> ([Int: String?], [String?]) {
    let spelling = SQLSpelling(asOf: .instant(context.asOf), zone: context.zone)
    let grouped = try expression.sql(in: .postgres, spelling)
    let apart = try await database.query(
      "select grp, (\(grouped))::text from r where grp >= 0 group by grp")
    let each = try (0..<groupCount).map { group in
      try expression.sql(
        in: .postgres, spelling, of: SQLRows(filter: "grp between 0 and \(group)"))
    }
    let columns = each.map { "(\($0))::text" }.joined(separator: ", ")
    let together = try await database.query("select \(columns) from r")
    return (
      try Dictionary(uniqueKeysWithValues: apart.map { (try $0.int(0), try $0.optionalString(1)) }),
      try (0..<groupCount).map { try together[0].optionalString(.place($0)) }
    )
  }

  @Test(arguments: [
    ("sessions()", "sessions takes one literal"),
    ("sessions('1 month')", "the gap of sessions is no interval of days or less that is above 0"),
    ("bounce_rate('0')", "the gap of bounce_rate is no interval of days or less that is above 0"),
    ("sessions('often')", "the text is no value of type interval"),
    ("sessions(*)", "only count takes *, not sessions"),
    (
      "longest_streak('year')", "the period of longest_streak is none of 'day', 'week' and 'month'"
    ),
    ("avg_gap_days(ordered_at)", "avg_gap_days takes no argument: it is of the rows' times"),
    ("hour_share(22)", "hour_share takes two literals"),
    ("hour_share(22, 25)", "hour_share takes two different hours from 0 to 24"),
    ("hour_share(6, 6)", "hour_share takes two different hours from 0 to 24"),
    ("top(city)", "top takes two arguments, found 1"),
    ("top(city, 0)", "the rank of top is no whole number from 1"),
    ("top(city, quantity)", "the rank of top is no whole number from 1"),
    ("open_carts(city, '1 day')", "open_carts takes three arguments, found 2"),
    (
      "cart_abandonment(city, quantity, '1 day')",
      "a condition must be true or false, found integer"
    ),
    (
      "abandoned_carts(city, kind = 'order', '1 month')",
      "the limit of abandoned_carts is no interval of days or less that is above 0"
    ),
    ("share(city)", "share does not work on text"),
    ("slope(ordered_at)", "slope does not work on timestamp with time zone"),
  ])
  func `says what is wrong`(text: String, message: String) throws {
    let mistake = try #require(throws: Mistake.self) {
      try aggregate(text, shopSchema, orderedBy: "ordered_at")
    }
    #expect(mistake.diagnostics.map(\.message) == [message])
  }

  @Test func `of a date there are no hours`() throws {
    #expect(throws: Mistake.self) {
      try aggregate("hour_share(1, 2)", shopSchema, orderedBy: "born")
    }
  }

  @Test func `what it is made from is known`() throws {
    let streak = try aggregate("current_streak('day')", shopSchema, orderedBy: "born")
    #expect(streak.columns == ["born"])
    #expect(streak.dependsOnAsOf && streak.isPersonal && !streak.isNullable)
    let gap = try aggregate("avg_gap_days()", shopSchema, orderedBy: "ordered_at")
    #expect(!gap.dependsOnAsOf && !gap.isPersonal && gap.isNullable)
  }

  private func compare(
    _ column: Column, _ row: Int, _ theirs: String?, _ what: String
  ) throws {
    let ours = column.isNull(row) ? nil : TextCasts.printed(column, row, .utc)
    if let a = ours.flatMap(Double.init), let b = theirs.flatMap(Double.init), a.isFinite {
      #expect(abs(a - b) <= 1e-9 * max(1e-3, abs(a), abs(b)), "\(what)")
    } else {
      #expect(ours == theirs.map { $0 == "t" ? "true" : $0 == "f" ? "false" : $0 }, "\(what)")
    }
  }
}

/// A row of a group; -1 is none.
private struct Row {
  let group: Int32
  /// In the unit of the type of its column.
  let time: Int64?
  let number: Double?
  let text: String?
  let condition: Bool?

  /// Groups have no rows, one, or more and more of them.
  init(groups: Int, _ type: ColumnType, using random: inout SeededGenerator) {
    let pick = Int.random(in: 0..<260, using: &random)
    group = pick < 20 ? -1 : pick < 22 ? 1 : Int32(2 + min(pick % 20, groups - 3))
    func maybe<T>(_ value: T) -> T? { Int.random(in: 0..<9, using: &random) == 0 ? nil : value }
    let day = Instant.microsecondsPerDay
    let asOf = Oracle.asOf.microseconds
    // Around the change of clocks at the as-of, minutes, days and months apart, at times equal.
    let time: Int64 =
      switch Int.random(in: 0..<24, using: &random) {
      case 0: .max
      case 1: .min
      case 2: asOf
      case 3...9: asOf - Int64.random(in: 0..<200, using: &random) * 600_000_000
      case 10...16: asOf - Int64.random(in: 0..<90, using: &random) * day / 3 - 1
      case 17...21: asOf - Int64.random(in: 0..<400 * day, using: &random)
      default: -Int64.random(in: 0..<12, using: &random) * 30 * day
      }
    let isInfinite = time == .max || time == .min
    self.time = maybe(
      type != .date || isInfinite ? time : time.flooredDivision(by: day))
    number = maybe(Double(Int.random(in: -20..<20, using: &random)) / 4)
    text = maybe(["a", "b", "c", "d"].randomElement(using: &random) ?? "a")
    condition = maybe(Bool.random(using: &random))
  }

  static func frame(_ rows: [Row], _ type: ColumnType) -> Frame {
    func column<T>(_ type: ColumnType, _ values: [T?], _ add: (inout ColumnBuilder, T) -> Void)
      -> Column
    {
      var builder = ColumnBuilder(type: type)
      for value in values {
        if let value { add(&builder, value) } else { builder.appendNull() }
      }
      return builder.build()
    }
    return Frame(
      schema: Schema([
        Field("t", type), Field("x", .float8), Field("c", .text), Field("b", .bool),
      ]),
      columns: [
        column(type, rows.map(\.time)) { $0.append($1) },
        column(.float8, rows.map(\.number)) { $0.append($1) },
        column(.text, rows.map(\.text)) { $0.append($1) },
        column(.bool, rows.map(\.condition)) { $0.append($1) },
      ], rowCount: rows.count)
  }

  /// The same rows as a table; dates as local midnights.
  static func create(
    _ rows: [Row], _ type: ColumnType, in database: PostgresConnection
  ) async throws {
    func literal<T>(_ value: T?) -> String { value.map { "'\($0)'" } ?? "null" }
    let tuples = rows.map { row in
      let time =
        switch row.time {
        case nil: "null"
        case Int64.max?: "'infinity'"
        case Int64.min?: "'-infinity'"
        case let time? where type == .date: "timestamp '2000-01-01' + \(time) * interval '1 day'"
        case let time?:
          "\(type.sqlName) '2000-01-01 00:00\(type == .timestamptz ? "+00" : "")' "
            + "+ interval '1 us' * \(time)::int8"
        }
      return """
        (\(row.group), \(time), \(literal(row.number)), \(literal(row.text)),
          \(literal(row.condition)))
        """
    }
    let stored = type == .timestamptz ? "timestamptz" : "timestamp"
    try await database.execute(
      script: """
        set timezone = '\(Oracle.zone)';
        create table r (
          grp int, t \(stored), x float8, c text collate "C", b bool, l timestamp, n \(stored));
        insert into r (grp, t, x, c, b) values \(tuples.joined(separator: ", "));
        update r set l = t, n = \(Oracle.asOfSQL);
        """)
  }
}
