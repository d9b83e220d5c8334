import Frames

/// Dates and times as Postgres prints them (ISO style), and reads them in the ISO forms.
enum TimeText {
  /// A time as written; without an offset it is local.
  struct Parsed {
    /// Microseconds since 2000-01-01 00:00, of the place if there is no offset.
    var microseconds: Int64
    /// Microseconds east of UTC.
    var offset: Int64?
    var isInfinite = false
  }

  /// `2024-03-31`, `2024-03-31 10:00[:00[.000000]][Z|±hh[:mm[:ss]]]`, `infinity`, `-infinity`. Nil for
  /// anything else, and for a time that Postgres could not hold.
  static func parse(_ text: String) -> Parsed? {
    var reader = Reader(text)
    if reader.accept("infinity") || reader.accept("+infinity") {
      return reader.isAtEnd ? Parsed(microseconds: .max, isInfinite: true) : nil
    }
    if reader.accept("-infinity") {
      return reader.isAtEnd ? Parsed(microseconds: .min, isInfinite: true) : nil
    }
    guard let (year, month, day) = reader.date(), (1...294_276).contains(year),
      (1...12).contains(month),
      (1...days(in: month, of: year)).contains(day)
    else { return nil }
    var parsed = Parsed(
      microseconds: CivilDate(year: year, month: month, day: day).days
        * Instant.microsecondsPerDay)
    if reader.accept("t") || reader.skipSpaces(), reader.isAtDigit {
      guard let time = reader.clock() else { return nil }
      parsed.microseconds += time
      reader.skipSpaces()
      guard reader.offset(into: &parsed.offset) else { return nil }
    }
    reader.skipSpaces()
    if reader.accept("bc") { return nil }
    guard reader.isAtEnd else { return nil }
    return parsed
  }

  static func days(in month: Int, of year: Int) -> Int {
    switch month {
    case 2: (year % 4 == 0 && year % 100 != 0) || year % 400 == 0 ? 29 : 28
    case 4, 6, 9, 11: 30
    default: 31
    }
  }

  static func date(_ days: Int64) -> String {
    if days == .max { return "infinity" }
    if days == .min { return "-infinity" }
    let (date, isBeforeChrist) = calendar(days)
    return date + (isBeforeChrist ? " BC" : "")
  }

  static func timestamp(_ microseconds: Int64, offset: Int64? = nil) -> String {
    if microseconds == .max { return "infinity" }
    if microseconds == .min { return "-infinity" }
    let days = microseconds.flooredDivision(by: Instant.microsecondsPerDay)
    let (date, isBeforeChrist) = calendar(days)
    var text = date + " " + clock(microseconds - days * Instant.microsecondsPerDay)
    if let offset { text += zone(offset / 1_000_000) }
    return text + (isBeforeChrist ? " BC" : "")
  }

  private static func calendar(_ days: Int64) -> (String, Bool) {
    let (year, month, day) = CivilDate(days: days).components
    let shown = year > 0 ? year : 1 - year
    return ("\(padded(shown, 4))-\(padded(month))-\(padded(day))", year <= 0)
  }

  /// `10:00:00.5`, without trailing zeros.
  static func clock(_ microseconds: Int64) -> String {
    let seconds = Int(microseconds / 1_000_000)
    var text =
      "\(padded(seconds / 3600)):\(padded(seconds / 60 % 60)):\(padded(seconds % 60))"
    let fraction = Int(microseconds % 1_000_000)
    if fraction > 0 {
      text += "." + padded(fraction, 6)
      while text.hasSuffix("0") { text.removeLast() }
    }
    return text
  }

  private static func zone(_ seconds: Int64) -> String {
    let magnitude = Int(seconds.magnitude)
    var text = (seconds < 0 ? "-" : "+") + padded(magnitude / 3600)
    if magnitude % 3600 != 0 { text += ":" + padded(magnitude / 60 % 60) }
    if magnitude % 60 != 0 { text += ":" + padded(magnitude % 60) }
    return text
  }

  private static func padded(_ number: Int, _ width: Int = 2) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
  }
}

/// Reads a time from left to right.
private struct Reader {
  private var rest: Substring.UTF8View

  init(_ text: String) {
    rest = Substring(text.lowercased()).utf8
    skipSpaces()
    while let last = rest.last, Decimal.isSpace(last) { rest = rest.dropLast() }
  }

  var isAtEnd: Bool { rest.isEmpty }
  var isAtDigit: Bool { rest.first.map { (0x30...0x39).contains($0) } ?? false }

  mutating func accept(_ text: String) -> Bool {
    guard rest.starts(with: text.utf8) else { return false }
    rest = rest.dropFirst(text.utf8.count)
    return true
  }

  @discardableResult mutating func skipSpaces() -> Bool {
    let before = rest.count
    while let first = rest.first, Decimal.isSpace(first) { rest = rest.dropFirst() }
    return rest.count < before
  }

  mutating func digits(_ count: ClosedRange<Int>) -> Int? {
    let digits = rest.prefix { (0x30...0x39).contains($0) }
    guard count.contains(digits.count) else { return nil }
    rest = rest.dropFirst(digits.count)
    return Int(Substring(digits))
  }

  /// A date as ISO 8601 writes it: `2026-01-31` or `20260131`.
  mutating func date() -> (year: Int, month: Int, day: Int)? {
    if let all = digits(8...8) { return (all / 10_000, all / 100 % 100, all % 100) }
    guard let year = digits(4...6), accept("-"), let month = digits(1...2), accept("-"),
      let day = digits(1...2)
    else { return nil }
    return (year, month, day)
  }

  /// Hours and minutes, with seconds and their fraction if they are there, in microseconds.
  mutating func clock() -> Int64? {
    guard let hours = digits(1...2), accept(":"), let minutes = digits(2...2) else { return nil }
    var microseconds: Int64 = 0
    if accept(":") {
      guard let seconds = digits(2...2), seconds <= 60 else { return nil }
      microseconds = Int64(seconds) * 1_000_000
      if accept(".") {
        let written = rest.prefix { (0x30...0x39).contains($0) }
        rest = rest.dropFirst(written.count)
        guard !written.isEmpty, let fraction = Double("0." + String(Substring(written))) else {
          return nil
        }
        microseconds += Int64((fraction * 1_000_000).rounded(.toNearestOrEven))
      }
    }
    guard hours <= 24, minutes <= 59 else { return nil }
    let total = Int64(hours * 60 + minutes) * 60_000_000 + microseconds
    return total <= Instant.microsecondsPerDay ? total : nil
  }

  /// Reads an offset if one is there; false if it is malformed.
  mutating func offset(into result: inout Int64?) -> Bool {
    if accept("z") || accept("utc") {
      result = 0
      return true
    }
    let isNegative = accept("-")
    guard isNegative || accept("+") else { return true }
    guard let hours = digits(1...2), hours <= 15 else { return false }
    var seconds = hours * 3600
    if accept(":") {
      guard let minutes = digits(2...2), minutes <= 59 else { return false }
      seconds += minutes * 60
      if accept(":") {
        guard let last = digits(2...2), last <= 59 else { return false }
        seconds += last
      }
    }
    result = Int64(isNegative ? -seconds : seconds) * 1_000_000
    return true
  }
}
