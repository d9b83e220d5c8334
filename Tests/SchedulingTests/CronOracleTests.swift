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
      let both = "extract(day FROM l)::int = ANY('\(array(days))')"
      let weekday = "extract(dow FROM l)::int = ANY('\(array(weekdays))')"
      return """
        extract(minute FROM l)::int = ANY('\(array(minutes))')
          AND extract(hour FROM l)::int = ANY('\(array(hours))')
          AND extract(month FROM l)::int = ANY('\(array(months))')
          AND (\(both) \(isEither ? "OR" : "AND") \(weekday))
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
    Line(text: "5 */2 * * 6-7", minutes: [5], hours: Array(stride(from: 0, to: 24, by: 2)), weekdays: [6, 0]),
    Line(text: "20 3 */2 * fri", minutes: [20], hours: [3], days: Array(stride(from: 1, through: 31, by: 2)), weekdays: [5]),
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
  /// - Parameter step: minutes between two looks; lines and changes must fall on them.
  private static func compare(
    _ stretches: [Stretch], step: Int, lines: [Line], _ database: PostgresConnection
  ) async throws -> (ticks: Int, differences: [String]) {
    try await database.execute("CREATE TEMP TABLE IF NOT EXISTS stretches (n int, zone text, a int8, b int8)")
    try await database.execute("TRUNCATE stretches")
    for chunk in stride(from: 0, to: stretches.count, by: 500) {
      let rows = stretches[chunk..<min(chunk + 500, stretches.count)].enumerated().map {
        "(\(chunk + $0.offset), '\($0.element.zone)', \($0.element.start), \($0.element.end))"
      }
      try await database.execute("INSERT INTO stretches VALUES \(rows.joined(separator: ","))")
    }
    var expected: [[Int: [Int64]]] = []
    // What clocks show at each minute, the latest that they have shown before, and all local times
    // between the two.
    try await database.execute("DROP TABLE IF EXISTS shown")
    try await database.execute(
      """
      CREATE TEMP TABLE shown AS
      WITH minutes AS (
        SELECT n, zone, a, t, to_timestamp(t) AT TIME ZONE zone AS local
        FROM stretches, generate_series(a - 86400, b, \(step * 60)) t),
      past AS (
        SELECT *, max(local) OVER (PARTITION BY n ORDER BY t
          ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS latest
        FROM minutes)
      SELECT n, t, l FROM past,
        generate_series(latest + interval '\(step) minutes', local, interval '\(step) minutes') l
      WHERE t > a
      """)
    for line in lines {
      var ticks: [Int: [Int64]] = [:]
      for row in try await database.query(
        """
        SELECT n, string_agg(DISTINCT t::text, ',') AS ticks FROM shown WHERE \(line.sql) GROUP BY n
        """)
      {
        ticks[try row.int("n")] = try row.string("ticks").split(separator: ",").compactMap {
          Int64($0)
        }.sorted()
      }
      expected.append(ticks)
    }
    var differences: [String] = []
    var count = 0
    var zones: [String: CalendarZone] = [:]
    for (place, stretch) in stretches.enumerated() {
      let known = zones[stretch.zone] ?? CalendarZone(named: stretch.zone)
      guard let zone = known else {
        differences.append("\(stretch.zone) is not known")
        continue
      }
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
          differences.append("\(line) in \(stretch.zone): \(odd), \(instant(odd).sqlText)")
        }
      }
    }
    return (count, differences)
  }

  private static func instant(_ unix: Int64) -> Instant {
    Instant(microseconds: (unix - Instant.unixOffset) * 1_000_000)
  }

  /// 2021-01-01 to 2031-01-01, and what befell Samoa, which lost a day.
  private static let decade: Range<Int64> = 1_609_459_200..<1_924_992_000
  private static let lostDay: Int64 = 1_325_239_200

  /// The changes of clocks in the decade, found in Postgres by looking every hour of days on which
  /// something changes.
  private static func changes(_ database: PostgresConnection) async throws -> [(String, Int64)] {
    try await database.query(
      """
      WITH days AS (
        SELECT name AS zone, d FROM pg_timezone_names,
          generate_series(\(decade.lowerBound)::int8, \(decade.upperBound)::int8, 86400 * 7) d
        WHERE name LIKE '%/%' AND name NOT LIKE 'posix/%' AND name NOT LIKE 'right/%'),
      offsets AS (
        SELECT zone, d, to_timestamp(d) AT TIME ZONE zone - to_timestamp(d) AT TIME ZONE 'UTC' AS o,
          to_timestamp(d + 604800) AT TIME ZONE zone - to_timestamp(d + 604800) AT TIME ZONE 'UTC' AS p
        FROM days)
      SELECT zone, min(t) AS t FROM offsets, generate_series(d, d + 604800, 1800) t
      WHERE o <> p AND to_timestamp(t) AT TIME ZONE zone - to_timestamp(t) AT TIME ZONE 'UTC' <> o
      GROUP BY zone, d ORDER BY zone, d
      """
    ).map { (try $0.string("zone"), Int64(try $0.int("t"))) }
  }

  @Test func `around every change of clocks in ten years, and on days without one`() async throws {
    try await withDatabase { database in
      let changes = try await Self.changes(database.connection)
      #expect(changes.count > 3000)
      var random = SeededGenerator(seed: 5)
      var stretches = changes.map {
        Stretch(zone: $0.0, start: $0.1 - 3 * 3600, end: $0.1 + 3 * 3600)
      }
      for zone in try await Self.zones(database.connection) {
        let day = Int64.random(in: Self.decade, using: &random) / 600 * 600
        stretches.append(Stretch(zone: zone, start: day, end: day + 86400))
      }
      stretches.append(
        Stretch(
          zone: "Pacific/Apia", start: Self.lostDay - 90_000, end: Self.lostDay + 90_000))
      let (ticks, differences) = try await Self.compare(
        stretches, step: 5, lines: Self.lines, database.connection)
      #expect(ticks > 100_000)
      #expect(differences.isEmpty, "\(differences.count): \(differences.prefix(10))")
    }
  }
}
