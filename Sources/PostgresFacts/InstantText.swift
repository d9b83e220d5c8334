import Frames

extension Instant {
  /// The instant as Postgres writes and reads a `timestamptz`: `2024-02-29 12:30:00.5+00`.
  public var postgresText: String {
    if microseconds == .max { return "infinity" }
    if microseconds == .min { return "-infinity" }
    let days = microseconds.flooredDivision(by: Self.microsecondsPerDay)
    let time = microseconds - days * Self.microsecondsPerDay
    let (year, month, day) = CivilDate(days: days).components
    // There is no year 0: it is 1 BC.
    let (shownYear, era) = year > 0 ? (year, "") : (1 - year, " BC")
    let (seconds, fraction) = (time / 1_000_000, time % 1_000_000)
    let date = "\(padded(Int64(shownYear), 4))-\(padded(Int64(month), 2))-\(padded(Int64(day), 2))"
    let clock =
      "\(padded(seconds / 3600, 2)):\(padded(seconds / 60 % 60, 2)):\(padded(seconds % 60, 2))"
    return "\(date) \(clock)\(fraction == 0 ? "" : "." + padded(fraction, 6))+00\(era)"
  }

  /// Reads a `timestamptz` as a session with `DateStyle ISO` and `TimeZone UTC` writes it.
  package init?(postgresText text: String) {
    switch text {
    case "infinity":
      self.init(microseconds: .max)
      return
    case "-infinity":
      self.init(microseconds: .min)
      return
    default: break
    }
    let pattern =
      #/(\d{4,6})-(\d\d)-(\d\d) (\d\d):(\d\d):(\d\d)(?:\.(\d{1,6}))?\+00( BC)?/#
    guard let match = text.wholeMatch(of: pattern), let year = Int(match.1),
      let month = Int(match.2),
      let day = Int(match.3), let hour = Int64(match.4), let minute = Int64(match.5),
      let second = Int64(match.6)
    else { return nil }
    let digits = match.7 ?? ""
    let fraction = Int64(digits + String(repeating: "0", count: 6 - digits.count)) ?? 0
    let date = CivilDate(year: match.8 == nil ? year : 1 - year, month: month, day: day)
    self.init(
      microseconds: date.days * Self.microsecondsPerDay
        + (hour * 3600 + minute * 60 + second) * 1_000_000 + fraction)
  }
}

private func padded(_ number: Int64, _ width: Int) -> String {
  let digits = String(number)
  return String(repeating: "0", count: max(0, width - digits.count)) + digits
}
