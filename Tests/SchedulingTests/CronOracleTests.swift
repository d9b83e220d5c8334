import Diagnostics
import Foundation
import Frames
import PipelineFiles
import PostgresClient
import TestSupport
import Testing

/// Cron lines against Postgres, which knows what clocks show at each minute: a minute is due when one of
/// the local times is, that clocks show for the first time since the minute before.
@Suite struct CronOracleTests {
  /// Lines with the numbers that their fields match, written out by hand.
  struct Line: Sendable, CustomStringConvertible {
    let text: String
    let minutes: [Int]
    let hours: [Int]
    var days = Array(1...31)
    var months = Array(1...12)
    /// Sunday is 0.
    var weekdays = Array(0...6)
    /// Whether days and weekdays both say something, so that one of them is enough.
    var isEither = false

    var description: String { text }

    var sql: String {
      let day = "day = ANY('\(array(days))'::int2[])"
      let weekday = "weekday = ANY('\(array(weekdays))'::int2[])"
      return """
        minute = ANY('\(array(minutes))'::int2[]) AND hour = ANY('\(array(hours))'::int2[])
          AND month = ANY('\(array(months))'::int2[])
          AND (\(day) \(isEither ? "OR" : "AND") \(weekday))
        """
    }

    private func array(_ numbers: [Int]) -> String {
      "{\(numbers.map(String.init).joined(separator: ","))}"
    }
  }

  static let lines = [
    Line(text: "*/10 * * * *", minutes: [0, 10, 20, 30, 40, 50], hours: Array(0...23)),
    Line(text: "30 2 * * *", minutes: [30], hours: [2]),
    Line(text: "@daily", minutes: [0], hours: [0]),
    Line(text: "15,45 0-3,23 * * *", minutes: [15, 45], hours: [0, 1, 2, 3, 23]),
    Line(
      text: "0 1-5/2 8-14,25-31 mar,oct-nov sun", minutes: [0], hours: [1, 3, 5],
      days: Array(8...14) + Array(25...31), months: [3, 10, 11], weekdays: [0], isEither: true),
    Line(
      text: "5 */2 * * 6-7", minutes: [5], hours: Array(stride(from: 0, to: 24, by: 2)),
      weekdays: [6, 0]),
    Line(
      text: "20 3 */2 * fri", minutes: [20], hours: [3],
      days: Array(stride(from: 1, through: 31, by: 2)), weekdays: [5]),
  ]

  /// A stretch of time in a zone, in seconds since 1970.
  struct Stretch: Sendable {
    let zone: String
    let start: Int64
    let end: Int64
  }

  /// The zones of the machine's database that Postgres knows too.
  private static func zones(_ database: PostgresConnection) async throws -> [String] {
    try await database.query(
      """
      SELECT name FROM pg_timezone_names
      WHERE name LIKE '%/%' AND name NOT LIKE 'posix/%' AND name NOT LIKE 'right/%' OR name = 'UTC'
      ORDER BY name
      """
    ).map { try $0.string("name") }
  }

  /// Compares all lines over stretches of time.
  private static func compare(
    _ stretches: [Stretch], _ database: PostgresConnection
  ) async throws -> (ticks: Int, differences: [String]) {
    // There clocks change a minute after the hour; elsewhere looking every five minutes is enough.
    let isOdd = { (stretch: Stretch) in stretch.zone == "Antarctica/Casey" }
    let odd = try await compare(stretches.filter(isOdd), step: 1, database)
    let even = try await compare(stretches.filter { !isOdd($0) }, step: 5, database)
    return (odd.ticks + even.ticks, odd.differences + even.differences)
  }

  /// - Parameter step: minutes between two looks; lines and changes must fall on them.
  private static func compare(
    _ stretches: [Stretch], step: Int, _ database: PostgresConnection
  ) async throws -> (ticks: Int, differences: [String]) {
    if stretches.isEmpty { return (0, []) }
    let expected = try await expected(stretches, step: step, database)
    var zones: [String: CalendarZone] = [:]
    var differences: [String] = []
    var count = 0
    for (place, stretch) in stretches.enumerated() {
      let zone = try #require(zones[stretch.zone] ?? CalendarZone(named: stretch.zone))
      zones[stretch.zone] = zone
      for (line, expected) in zip(lines, expected) {
        let cron = try Cron(parsing: Snippet(file: SourceFile(name: "", text: line.text)))
        let found = cron.ticks(
          after: instant(stretch.start), through: instant(stretch.end), in: zone
        ).ticks.map { $0.instant.microseconds / 1_000_000 + Instant.unixOffset }
        let expected = expected[place] ?? []
        count += expected.count
        if found != expected {
          let odd = Set(found).symmetricDifference(expected).min() ?? 0
          differences.append("\(line) in \(stretch.zone): \(instant(odd).sqlText)")
        }
      }
    }
    return (count, differences)
  }

  /// For each line, when Postgres finds it due in each stretch.
  private static func expected(
    _ stretches: [Stretch], step: Int, _ database: PostgresConnection
  ) async throws -> [[Int: [Int64]]] {
    let rows = stretches.enumerated().map {
      "(\($0.offset), '\($0.element.zone)', \($0.element.start)::int8, \($0.element.end)::int8)"
    }
    // What clocks show at each minute, the latest that they have shown before, and all local times
    // between the two.
    try await database.execute(
      """
      CREATE TEMP TABLE shown AS
      WITH minutes AS (
        SELECT n, a, t, to_timestamp(t) AT TIME ZONE zone AS local
        FROM (VALUES \(rows.joined(separator: ","))) stretches (n, zone, a, b),
          generate_series(a - 21600, b, \(step * 60)) t),
      past AS (
        SELECT *, max(local) OVER (PARTITION BY n ORDER BY t
          ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS latest
        FROM minutes)
      SELECT n, t, extract(minute FROM l)::int2 AS minute, extract(hour FROM l)::int2 AS hour,
        extract(day FROM l)::int2 AS day, extract(month FROM l)::int2 AS month,
        extract(dow FROM l)::int2 AS weekday
      FROM past,
        generate_series(latest + interval '\(step) minutes', local, interval '\(step) minutes') l
      WHERE t > a
      """)
    var expected: [[Int: [Int64]]] = []
    for line in lines {
      var ticks: [Int: [Int64]] = [:]
      for row in try await database.query(
        "SELECT n, string_agg(DISTINCT t::text, ',') AS ticks FROM shown WHERE \(line.sql) GROUP BY n"
      ) {
        ticks[try row.int("n")] =
          try row.string("ticks").split(separator: ",").compactMap { Int64($0) }.sorted()
      }
      expected.append(ticks)
    }
    try await database.execute("DROP TABLE shown")
    return expected
  }

  private static func instant(_ unix: Int64) -> Instant {
    Instant(microseconds: (unix - Instant.unixOffset) * 1_000_000)
  }

  /// 2021-01-01 to 2031-01-01.
  private static let decade: Range<Int64> = 1_609_459_200..<1_924_992_000
  /// Midway in Samoa's jump over 2011-12-30.
  private static let lostDay: Int64 = 1_325_239_200
  private static let week: Int64 = 604_800

  /// Zones, each with a time from which on changes are looked for.
  private static func changes(
    _ zones: [(name: String, start: Int64)], weeks: Int64, _ database: PostgresConnection
  ) async throws -> [(zone: String, time: Int64)] {
    let rows = zones.map { "('\($0.name)', \($0.start)::int8)" }.joined(separator: ",")
    func offset(_ time: String) -> String {
      "(to_timestamp(\(time)) AT TIME ZONE zone - to_timestamp(\(time)) AT TIME ZONE 'UTC')"
    }
    return try await database.query(
      """
      WITH weeks AS (
        SELECT zone, d, \(offset("d")) AS o, \(offset("d + \(week)")) AS p
        FROM (VALUES \(rows)) zones (zone, a), generate_series(a, a + \(weeks * week), \(week)) d)
      SELECT zone, min(t) AS t FROM weeks, generate_series(d, d + \(week), 60 * 15) t
      WHERE o <> p AND \(offset("t")) <> o
      GROUP BY zone, d ORDER BY zone, d
      """
    ).map { (try $0.string("zone"), Int64(try $0.int("t"))) }
  }

  @Test func `around changes of clocks in a year of each zone, and on a day without one`()
    async throws
  {
    try await withDatabase { database in
      var random = SeededGenerator(seed: 5)
      let zones = try await Self.zones(database.connection).map {
        (
          name: $0,
          start: Self.decade.lowerBound + Self.week * Int64.random(in: 0..<470, using: &random)
        )
      }
      #expect(zones.count > 400)
      let changes = try await Self.changes(zones, weeks: 52, database.connection)
      #expect(Set(changes.map(\.zone)).count > 100)
      var stretches = changes.map {
        Stretch(zone: $0.zone, start: $0.time - 3 * 3600, end: $0.time + 3 * 3600)
      }
      stretches += zones.map { Stretch(zone: $0.name, start: $0.start, end: $0.start + 43_200) }
      stretches.append(
        Stretch(zone: "Pacific/Apia", start: Self.lostDay - 90_000, end: Self.lostDay + 90_000))
      let (ticks, differences) = try await Self.compare(stretches, database.connection)
      #expect(ticks > 40_000)
      #expect(differences.isEmpty, "\(differences.count): \(differences.prefix(10))")
    }
  }

  /// Every tick of ten years: around each change of a clock minute by minute, elsewhere the local times
  /// that a line names, as Postgres turns them into instants. Zones whose clocks have agreed all the
  /// time are asked once. Takes minutes.
  @Test(.enabled(if: ProcessInfo.processInfo.environment["ROOST_CRON_ORACLE"] != nil))
  func `every tick of ten years in every zone`() async throws {
    try await withDatabase { database in
      let connection = database.connection
      let names = try await Self.zones(connection)
      let changes = try await Self.changes(
        names.map { ($0, Self.decade.lowerBound) }, weeks: 522, connection)
      var times: [String: [Int64]] = [:]
      for change in changes { times[change.zone, default: []].append(change.time) }
      var families: [String: [String]] = [:]
      for name in names {
        let zone = try #require(CalendarZone(named: name))
        let days = stride(
          from: Self.decade.lowerBound, to: Self.decade.upperBound, by: 43_200
        ).map { zone.offset(at: Self.instant($0).microseconds) }
        families["\(times[name] ?? []) \(days.hashValue)", default: []].append(name)
      }
      let stretches = families.values.flatMap { family in
        (times[family[0]] ?? []).map {
          Stretch(zone: family[0], start: $0 - Self.margin, end: $0 + Self.margin)
        }
      }
      var total = 0
      for part in stretches.chunks(of: 100) {
        let (ticks, differences) = try await Self.compare(part, connection)
        total += ticks
        #expect(differences.isEmpty, "\(differences.prefix(10))")
      }
      try await Self.makeLocalTimes(connection)
      for family in families.values.sorted(by: { $0[0] < $1[0] }) {
        total += try await Self.compareFar(
          from: times[family[0]] ?? [], in: family[0], connection)
      }
      print(
        "cron oracle: \(total) ticks, \(stretches.count) changes, \(families.count) families of "
          + "\(names.count) zones")
    }
  }

  /// How far from a change of a clock, in seconds, its effects reach.
  private static let margin: Int64 = 10_800
  /// Lines whose ticks are few enough to be looked at one by one.
  private static let sparse = lines.dropFirst()

  /// The local times of the decade that each line names, and a day before and after.
  private static func makeLocalTimes(_ database: PostgresConnection) async throws {
    try await database.execute("CREATE TEMP TABLE locals (line int, l timestamp)")
    for (place, line) in sparse.enumerated() {
      try await database.execute(
        """
        INSERT INTO locals
        SELECT \(place), l FROM (
          SELECT l, extract(minute FROM l)::int2 AS minute, extract(hour FROM l)::int2 AS hour,
            extract(day FROM l)::int2 AS day, extract(month FROM l)::int2 AS month,
            extract(dow FROM l)::int2 AS weekday
          FROM generate_series(timestamp '2020-12-31', timestamp '2031-01-02', interval '5 minutes') l
        ) parts WHERE \(line.sql)
        """)
    }
  }

  /// Compares the ticks that are far from any change: their number, and two sums over them.
  private static func compareFar(
    from changes: [Int64], in name: String, _ database: PostgresConnection
  ) async throws -> Int {
    let zone = try #require(CalendarZone(named: name))
    let list = (changes.isEmpty ? [0] : changes).map { "(\($0)::int8)" }.joined(separator: ",")
    let rows = try await database.query(
      """
      SELECT line, count(*) AS count, sum(t)::text AS sum, sum((t % 1000003) * (t % 1000003))::text AS squares
      FROM (SELECT line, extract(epoch FROM l AT TIME ZONE $1)::int8 AS t FROM locals) ticks
      WHERE t > $2 AND t <= $3 AND NOT EXISTS (
        SELECT FROM (VALUES \(list)) changes (c) WHERE abs(t - c) <= \(margin))
      GROUP BY line ORDER BY line
      """, [.text(name), .int(decade.lowerBound), .int(decade.upperBound)])
    #expect(rows.count == sparse.count)
    var total = 0
    for (row, line) in zip(rows, sparse) {
      let cron = try Cron(parsing: Snippet(file: SourceFile(name: "", text: line.text)))
      let found = cron.ticks(
        after: instant(decade.lowerBound), through: instant(decade.upperBound), in: zone
      ).ticks.map { $0.instant.microseconds / 1_000_000 + Instant.unixOffset }
        .filter { tick in !changes.contains { abs(tick - $0) <= margin } }
      let squares = found.reduce(0) { $0 + ($1 % 1_000_003) * ($1 % 1_000_003) }
      #expect(try row.int("count") == found.count, "\(line) in \(name)")
      #expect(try row.string("sum") == String(found.reduce(0, +)), "\(line) in \(name)")
      #expect(try row.string("squares") == String(squares), "\(line) in \(name)")
      total += found.count
    }
    return total
  }
}

extension Array {
  fileprivate func chunks(of size: Int) -> [[Element]] {
    stride(from: 0, to: count, by: size).map { Array(self[$0..<Swift.min($0 + size, count)]) }
  }
}
