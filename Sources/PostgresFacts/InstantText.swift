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
    // By hand: a pattern is parsed anew with every call, which took nine tenths of a command's time.
    var rest = Array(text.utf8)[...]
    guard let year = rest.number(4...6), rest.take("-"), let month = rest.number(2...2),
      rest.take("-"), let day = rest.number(2...2), rest.take(" "),
      let hour = rest.number(2...2), rest.take(":"), let minute = rest.number(2...2),
      rest.take(":"), let second = rest.number(2...2)
    else { return nil }
    var fraction = 0
    if rest.take(".") {
      let digits = rest.count
      guard let number = rest.number(1...6) else { return nil }
      fraction = (digits - rest.count..<6).reduce(number) { scaled, _ in scaled * 10 }
    }
    guard rest.take("+00") else { return nil }
    let isBeforeChrist = rest.take(" BC")
    guard rest.isEmpty else { return nil }
    let date = CivilDate(year: isBeforeChrist ? 1 - year : year, month: month, day: day)
    let seconds = Int64(hour * 3600 + minute * 60 + second)
    self.init(
      microseconds: date.days * Self.microsecondsPerDay + seconds * 1_000_000 + Int64(fraction))
  }
}

extension ArraySlice<UInt8> {
  /// Takes a text away from the front, if it stands there.
  fileprivate mutating func take(_ text: StaticString) -> Bool {
    let count = text.utf8CodeUnitCount
    let stands = text.withUTF8Buffer { starts(with: $0) }
    if stands { removeFirst(count) }
    return stands
  }

  /// Takes digits away from the front: as many as there are, if those are neither too few nor too many.
  fileprivate mutating func number(_ digits: ClosedRange<Int>) -> Int? {
    let found = prefix(digits.upperBound).prefix { (0x30...0x39).contains($0) }
    guard found.count >= digits.lowerBound else { return nil }
    removeFirst(found.count)
    return found.reduce(0) { $0 * 10 + Int($1 - 0x30) }
  }
}

private func padded(_ number: Int64, _ width: Int) -> String {
  let digits = String(number)
  return String(repeating: "0", count: max(0, width - digits.count)) + digits
}
