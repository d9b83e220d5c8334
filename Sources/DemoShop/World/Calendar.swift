import Frames

/// The days that the shop's history covers, counted from 0, in Asia/Shanghai.
struct HistoryCalendar: Sendable {
  /// The day after the last: the demo's as-of is its midnight.
  let end: CivilDate
  let days: Int

  /// China has had one zone without summer time since 1991, so local time is UTC plus 8 hours.
  private static let offset: Int64 = 8 * 3_600_000_000

  var start: CivilDate { CivilDate(days: end.days - Int64(days)) }

  /// Microseconds since 2000-01-01 UTC of a second in a local day; days before the history are
  /// negative.
  func instant(day: Int, second: Double) -> Int64 {
    let midnight = (start.days + Int64(day)) * Instant.microsecondsPerDay - Self.offset
    return midnight + Int64(second * 1000) * 1000
  }

  /// The first instant that is not history.
  var endInstant: Int64 { instant(day: days, second: 0) }

  /// The day that an instant falls on.
  func day(of instant: Int64) -> Int {
    Int((instant + Self.offset).flooredDivision(by: Instant.microsecondsPerDay) - start.days)
  }

  func date(_ day: Int) -> CivilDate { CivilDate(days: start.days + Int64(day)) }

  /// 0 is Monday. 2000-01-01 was a Saturday.
  func weekday(_ day: Int) -> Int { Int((start.days + Int64(day) + 5) % 7 + 7) % 7 }
}

extension CivilDate {
  /// As 2026-06-01.
  var text: String {
    let (year, month, day) = components
    func padded(_ number: Int) -> String { (number < 10 ? "0" : "") + String(number) }
    return "\(year)-\(padded(month))-\(padded(day))"
  }
}

/// Lengths of time in microseconds, as the tables hold them.
enum Duration {
  static let second: Int64 = 1_000_000
  static let minute: Int64 = 60 * second
  static let hour: Int64 = 60 * minute
  static let day: Int64 = 24 * hour
}
