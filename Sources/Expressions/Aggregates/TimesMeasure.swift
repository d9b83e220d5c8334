import Frames

/// What is measured of the sorted times of a group.
enum TimesMeasure: Sendable {
  case meanGap, gapDeviation, gapVariation
  /// Of numbers of periods.
  case longestStreak
  /// Of numbers of periods, up to that of the as-of.
  case currentStreak(Int64)
  /// With the longest microseconds between two rows of one session.
  case sessions(Int64)
  case sessionMinutes(Int64)
  case sessionDepth(Int64)
  case bounceRate(Int64)

  /// Nil where there are too few times.
  func value(of times: [Int64]) -> Double? {
    switch self {
    case .meanGap: Gaps(times).mean
    case .gapDeviation: Gaps(times).deviation
    case .gapVariation: Gaps(times).variation
    case .longestStreak: Double(Self.longestStreak(times))
    case .currentStreak(let period): Double(Self.currentStreak(times, period))
    case .sessions(let gap): Double(Sessions(times, gap).count)
    case .sessionMinutes(let gap): Sessions(times, gap).meanMinutes
    case .sessionDepth(let gap): Sessions(times, gap).meanDepth
    case .bounceRate(let gap): Sessions(times, gap).bounceRate
    }
  }

  private static func longestStreak(_ periods: [Int64]) -> Int {
    var longest = 0
    var length = 0
    var last: Int64?
    for period in periods where period != last {
      length = last.map { period - $0 == 1 } == true ? length + 1 : 1
      longest = max(longest, length)
      last = period
    }
    return longest
  }

  private static func currentStreak(_ periods: [Int64], _ current: Int64) -> Int {
    var length = 0
    // The period that goes on the streak.
    var next = current
    for period in periods.reversed() where period <= next {
      // The as-of's period, which is not over, may be without rows.
      if length == 0, period == current - 1 { next = period }
      guard period == next else { break }
      length += 1
      next -= 1
    }
    return length
  }
}

/// The gaps between sorted times, in days of 24 hours.
private struct Gaps {
  private let times: [Int64]

  init(_ times: [Int64]) { self.times = times }

  /// Nil for fewer than two times.
  var mean: Double? {
    guard let first = times.first, let last = times.last, times.count > 1 else { return nil }
    return Self.days(from: first, to: last) / Double(times.count - 1)
  }

  /// Of a sample; nil for fewer than two gaps.
  var deviation: Double? {
    guard let mean, times.count > 2 else { return nil }
    var squares = 0.0
    for place in 1..<times.count {
      let difference = Self.days(from: times[place - 1], to: times[place]) - mean
      squares += difference * difference
    }
    return (squares / Double(times.count - 2)).squareRoot()
  }

  var variation: Double? {
    guard let mean, mean > 0, let deviation else { return nil }
    return deviation / mean
  }

  private static func days(from start: Int64, to end: Int64) -> Double {
    Double(elapsed(from: start, to: end)) / Double(Instant.microsecondsPerDay)
  }
}

/// Sorted times cut into sessions.
private struct Sessions {
  private(set) var count = 0
  private var bounces = 0
  private let rows: Int
  /// From first to last row of each session, all together.
  private var minutes = 0.0

  init(_ times: [Int64], _ gap: Int64) {
    rows = times.count
    var length = 0
    for (place, time) in times.enumerated() {
      let elapsed = place == 0 ? .max : elapsed(from: times[place - 1], to: time)
      if place == 0 || elapsed > gap {
        if length == 1 { bounces += 1 }
        count += 1
        length = 1
      } else {
        minutes += Double(elapsed) / 60_000_000
        length += 1
      }
    }
    if length == 1 { bounces += 1 }
  }

  var meanMinutes: Double? { mean(minutes) }
  var meanDepth: Double? { mean(Double(rows)) }
  var bounceRate: Double? { mean(Double(bounces)) }

  private func mean(_ sum: Double) -> Double? { count > 0 ? sum / Double(count) : nil }
}

/// Microseconds between two times; the most there can be where it is more.
private func elapsed(from start: Int64, to end: Int64) -> Int64 {
  let (difference, overflow) = end.subtractingReportingOverflow(start)
  return overflow ? .max : difference
}
