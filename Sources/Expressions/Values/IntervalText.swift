import Frames

/// Intervals in the forms people write: `7 days`, `1 year 2 months`, `-3 hours`, `1 day 02:30:00`.
enum IntervalText {
  /// Nil if the text is no interval in these forms, or one that is out of range.
  static func parse(_ text: String) -> IntervalValue? {
    var words = text.lowercased().split { $0 == " " || $0 == "\t" || $0 == "\n" }[...]
    var sign: Int64 = 1
    if words.last == "ago" {
      sign = -1
      words = words.dropLast()
    }
    guard !words.isEmpty else { return nil }
    var months: Int64 = 0
    var days: Int64 = 0
    var microseconds: Int64 = 0
    while let word = words.popFirst() {
      if word.contains(":") {
        guard let clock = clock(word) else { return nil }
        microseconds += clock
        continue
      }
      let number = word.prefix { !$0.isLetter }
      guard let amount = Int64(number), amount.magnitude <= 1_000_000_000 else { return nil }
      // A number alone at the end is seconds.
      let unit = number.count < word.count ? word.dropFirst(number.count) : words.popFirst() ?? "s"
      switch unit.hasSuffix("s") && unit.count > 1 ? unit.dropLast() : unit {
      case "year", "yr", "y": months += amount * 12
      case "month", "mon": months += amount
      case "week", "w": days += amount * 7
      case "day", "d": days += amount
      case "hour", "hr", "h": microseconds += amount * 3_600_000_000
      case "minute", "min", "m": microseconds += amount * 60_000_000
      case "second", "sec", "s": microseconds += amount * 1_000_000
      default: return nil
      }
    }
    guard let shortMonths = Int32(exactly: sign * months),
      let shortDays = Int32(exactly: sign * days)
    else { return nil }
    return IntervalValue(months: shortMonths, days: shortDays, microseconds: sign * microseconds)
  }

  private static func clock(_ word: Substring) -> Int64? {
    let isNegative = word.hasPrefix("-")
    let parts = word.drop { $0 == "-" || $0 == "+" }.split(
      separator: ":", omittingEmptySubsequences: false)
    guard (2...3).contains(parts.count), let hours = Int64(parts[0]), hours < 1_000_000,
      let minutes = Int64(parts[1]), (0...59).contains(minutes)
    else { return nil }
    var total = (hours * 60 + minutes) * 60_000_000
    if parts.count == 3 {
      guard
        let (seconds, _) = Decimal.parse(parts[2], maximumScale: 6).map({
          ($0.unscaled * Decimal.powers[6 - $0.scale], 0)
        }), (0..<60_000_000).contains(seconds)
      else { return nil }
      total += Int64(seconds)
    }
    return isNegative ? -total : total
  }

  /// As Postgres prints it (`intervalstyle = postgres`).
  static func format(_ value: IntervalValue) -> String {
    var parts: [String] = []
    var isAfterNegative = false
    func add(_ amount: Int32, _ unit: String) {
      guard amount != 0 else { return }
      let plus = isAfterNegative && amount > 0 ? "+" : ""
      parts.append("\(plus)\(amount) \(unit)\(amount == 1 ? "" : "s")")
      isAfterNegative = amount < 0
    }
    add(value.months / 12, "year")
    add(value.months % 12, "mon")
    add(value.days, "day")
    if value.microseconds != 0 || parts.isEmpty {
      let sign = value.microseconds < 0 ? "-" : isAfterNegative ? "+" : ""
      let magnitude = Int64(clamping: value.microseconds.magnitude)
      parts.append(sign + TimeText.clock(magnitude))
    }
    return parts.joined(separator: " ")
  }

  /// The order of intervals: months of 30 days, days of 24 hours.
  @inline(__always) static func span(_ value: IntervalValue) -> Int128 {
    Int128(Int64(value.months) * 30 + Int64(value.days)) * Int128(Instant.microsecondsPerDay)
      + Int128(value.microseconds)
  }
}
