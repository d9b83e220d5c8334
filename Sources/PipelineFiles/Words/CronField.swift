/// What a field of a cron line counts: its bounds and the names that may stand for numbers.
struct CronUnit: Sendable {
  let name: String
  let range: ClosedRange<Int>
  /// Names from the first number of `firstNamed` on.
  var names: [String] = []
  var firstNamed = 0

  static let minute = CronUnit(name: "minute", range: 0...59)
  static let hour = CronUnit(name: "hour", range: 0...23)
  static let day = CronUnit(name: "day", range: 1...31)
  static let month = CronUnit(
    name: "month", range: 1...12,
    names: [
      "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
    ], firstNamed: 1)
  /// Sunday is 0 and 7.
  static let weekday = CronUnit(
    name: "weekday", range: 0...7, names: ["sun", "mon", "tue", "wed", "thu", "fri", "sat"])

  func number(_ text: Substring) -> Int? {
    names.firstIndex(of: text.lowercased()).map { $0 + firstNamed } ?? Self.digits(text)
  }

  static func digits(_ text: Substring) -> Int? {
    text.utf8.allSatisfy { (0x30...0x39).contains($0) } ? Int(text) : nil
  }
}

/// One field of a cron line, as the set of numbers that it matches.
struct CronField: Sendable, Hashable {
  struct Problem: Error { let message: String }

  /// A bit for each number.
  private var bits: UInt64 = 0
  /// Whether it is `*` or `*/n`, which narrows nothing down to certain days.
  let beginsWithStar: Bool

  var count: Int { bits.nonzeroBitCount }

  func contains(_ number: Int) -> Bool { bits >> UInt64(number) & 1 == 1 }

  /// The smallest number that it matches from one on.
  func first(from number: Int) -> Int? {
    guard number < 64 else { return nil }
    let rest = bits >> UInt64(max(0, number))
    return rest == 0 ? nil : max(0, number) + rest.trailingZeroBitCount
  }

  /// - Throws: `Problem`.
  init(parsing text: String, _ unit: CronUnit) throws {
    beginsWithStar = text.hasPrefix("*")
    for item in text.split(separator: ",", omittingEmptySubsequences: false) {
      try add(item, unit)
    }
    // Both numbers of Sunday are one day.
    if unit.range == 0...7 { bits = (bits | bits >> 7) & 0x7f }
  }

  private mutating func add(_ item: Substring, _ unit: CronUnit) throws {
    let parts = item.split(separator: "/", omittingEmptySubsequences: false)
    let bounds = parts[0].split(separator: "-", omittingEmptySubsequences: false)
    let step = parts.count == 2 ? CronUnit.digits(parts[1]) : 1
    guard parts.count <= 2, bounds.count <= 2, let step, step > 0 else {
      throw Problem(message: "'\(item)' says no \(unit.name)")
    }
    var first = unit.range.lowerBound
    var last = unit.range.upperBound
    if bounds != ["*"] {
      let numbers = bounds.map(unit.number)
      guard let low = numbers[0], let high = numbers[numbers.count - 1] else {
        throw Problem(message: "'\(item)' says no \(unit.name)")
      }
      (first, last) = (low, high)
      // A week that ends on Sunday.
      if unit.range == 0...7, bounds.count == 2, last == 0 { last = 7 }
    }
    guard unit.range.contains(first), unit.range.contains(last) else {
      throw Problem(
        message: "there is no \(unit.name) \(unit.range.contains(first) ? last : first)")
    }
    if first > last { throw Problem(message: "'\(item)' ends before it begins") }
    if parts.count == 2, bounds.count == 1, bounds != ["*"] {
      throw Problem(message: "'\(item)' has a step and no range to step through")
    }
    for number in stride(from: first, through: last, by: step) { bits |= 1 << UInt64(number) }
  }
}
