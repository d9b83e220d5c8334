/// A point in time: microseconds since 2000-01-01 00:00 UTC, as Postgres counts.
public struct Instant: Sendable, Hashable, Comparable {
  public let microseconds: Int64

  public init(microseconds: Int64) { self.microseconds = microseconds }

  public static func < (a: Self, b: Self) -> Bool { a.microseconds < b.microseconds }

  public static let microsecondsPerDay: Int64 = 86_400_000_000
  /// Seconds from 1970-01-01 to 2000-01-01.
  public static let unixOffset: Int64 = 946_684_800
}

/// A length of time as pipelines write it: calendar days, or elapsed hours and minutes.
public enum Span: Sendable, Hashable {
  case days(Int)
  case minutes(Int)

  /// The span as often as said.
  public func times(_ count: Int) -> Span {
    switch self {
    case .days(let days): .days(days * count)
    case .minutes(let minutes): .minutes(minutes * count)
    }
  }

  /// Its length where a day has 24 hours; at least one.
  public var nominalMicroseconds: Int64 {
    switch self {
    case .days(let days): Int64(max(1, days)) * Instant.microsecondsPerDay
    case .minutes(let minutes): Int64(max(1, minutes)) * 60_000_000
    }
  }

  /// As written: `30d`, `36h`, `90m`.
  public var description: String {
    switch self {
    case .days(let days): "\(days)d"
    case .minutes(let minutes) where minutes % 60 == 0 && minutes != 0: "\(minutes / 60)h"
    case .minutes(let minutes): "\(minutes)m"
    }
  }
}
