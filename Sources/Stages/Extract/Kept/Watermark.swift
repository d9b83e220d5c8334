import Frames
import PostgresFacts

/// The column by which new rows are told from old ones. Its values are integers as frames hold them:
/// keys, days or microseconds.
struct Watermark: Sendable {
  let column: String
  let type: ColumnType
  let isNullable: Bool
  let late: Lateness
  /// The zone in which times without one are read.
  let zone: CalendarZone

  static func canBe(_ type: ColumnType) -> Bool { type.isInteger || type.isTime }

  /// Up to where rows are settled, exclusive, when `greatest` is the greatest value of all and it is
  /// `now` at the source; rounded down so that it tells nobody's instant. Nil where nothing is settled.
  func settled(greatest: Int64, now: Instant) -> Int64? {
    let bound: (Int64, overflow: Bool)
    switch (type, late.measure) {
    case (.date, .span(let span)):
      let days = (length(span) + Instant.microsecondsPerDay - 1) / Instant.microsecondsPerDay
      bound = min(greatest, zone.day(of: now).days).subtractingReportingOverflow(days)
    case (.timestamp, .span(let span)):
      bound = min(greatest, zone.local(now.microseconds)).subtractingReportingOverflow(length(span))
    case (_, .span(let span)):
      // A clock that is ahead must not make later rows look old.
      bound = min(greatest, now.microseconds).subtractingReportingOverflow(length(span))
    case (_, .keys(let keys)): bound = greatest.subtractingReportingOverflow(keys)
    }
    return bound.overflow ? nil : rounded(bound.0)
  }

  private func length(_ span: Span) -> Int64 {
    switch span {
    case .days(0), .minutes(0): 0
    default: span.nominalMicroseconds
    }
  }

  /// Whole minutes of times; keys and days stay.
  func rounded(_ value: Int64) -> Int64 {
    guard type == .timestamp || type == .timestamptz, value > .min else { return value }
    let minute: Int64 = 60_000_000
    let rest = value % minute
    return value - (rest < 0 ? rest + minute : rest)
  }

  /// The value for people.
  func text(_ value: Int64) -> String {
    type.isInteger ? String(value) : String(instant(value).prefix(type == .date ? 10 : 16))
  }

  private func instant(_ value: Int64) -> String {
    guard type == .date else { return Instant(microseconds: value).postgresText }
    let (instant, overflow) = value.multipliedReportingOverflow(by: Instant.microsecondsPerDay)
    return Instant(microseconds: overflow ? (value < 0 ? .min : .max) : instant).postgresText
  }

  // MARK: SQL

  /// The value as a literal of a type that compares with the column by its own index.
  func literal(_ value: Int64) throws -> String {
    switch type {
    case .date: "date \(try SQL.literal(instant(value)))"
    case .timestamp: "timestamp \(try SQL.literal(instant(value)))"
    case .timestamptz: "timestamptz \(try SQL.literal(instant(value)))"
    default: "\(try SQL.literal(String(value)))::int8"
    }
  }

  /// The condition of the rows of a stretch; nil for one that has no bound there.
  func condition(from: Int64?, below: Int64) throws -> String {
    let name = try SQL.identifier(column)
    let upper = "\(name) < \(try literal(below))"
    return try from.map { "\(name) >= \(try literal($0)) AND \(upper)" } ?? upper
  }

  /// The condition of the rows that are not below a bound, also of those without a value.
  func rest(from: Int64) throws -> String {
    let name = try SQL.identifier(column)
    return "\(name) >= \(try literal(from))" + (isNullable ? " OR \(name) IS NULL" : "")
  }
}
