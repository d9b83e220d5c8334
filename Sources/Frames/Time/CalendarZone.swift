import Foundation

/// A time zone as a table of its transitions, so that millions of instants can be cut into days.
public struct CalendarZone: Sendable, Hashable {
  /// The IANA name.
  public let name: String
  /// Instants (microseconds since 2000-01-01 UTC) from which `offsets` hold; the first is the start
  /// of time.
  private let starts: [Int64]
  /// Microseconds to add to UTC to get local time.
  private let offsets: [Int64]
  /// For each period of 2^43 microseconds, some 102 days, from `firstPeriod` on, the offset that holds
  /// at its start.
  private let periods: [Int32]
  private let firstPeriod: Int64

  public static let utc = CalendarZone(name: "UTC", starts: [.min], offsets: [0])

  private init(name: String, starts: [Int64], offsets: [Int64]) {
    self.name = name
    self.starts = starts
    self.offsets = offsets
    firstPeriod = starts.count > 1 ? Self.period(of: starts[1]) : 0
    let last = starts.count > 1 ? Self.period(of: starts[starts.count - 1]) + 1 : 0
    var periods: [Int32] = []
    var place = 0
    for period in firstPeriod...last {
      while place + 1 < starts.count, starts[place + 1] <= period << Self.periodBits { place += 1 }
      periods.append(Int32(place))
    }
    self.periods = periods
  }

  private static let periodBits: Int64 = 43
  private static func period(of instant: Int64) -> Int64 { instant >> periodBits }

  /// The zone with an IANA name; nil where the system knows no such zone.
  ///
  /// Offsets are sampled from Foundation weekly between 1900 and 2100 and each change is narrowed
  /// to its second; outside these years the nearest offset holds.
  public init?(named name: String) {
    if ["UTC", "Etc/UTC", "GMT"].contains(name) {
      self.init(name: name, starts: [.min], offsets: [0])
      return
    }
    guard TimeZone.knownTimeZoneIdentifiers.contains(name) || name.contains("/"),
      let zone = TimeZone(identifier: name)
    else { return nil }
    func offset(_ seconds: Int64) -> Int64 {
      Int64(zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(seconds))))
    }
    let week: Int64 = 7 * 86_400
    var seconds: Int64 = -2_208_988_800  // 1900-01-01
    let end: Int64 = 4_102_444_800  // 2100-01-01
    var current = offset(seconds)
    var starts: [Int64] = [.min]
    var offsets = [current * 1_000_000]
    while seconds < end {
      let next = offset(seconds + week)
      if next != current {
        var low = seconds
        var high = seconds + week
        while high - low > 1 {
          let middle = (low + high) / 2
          if offset(middle) == current { low = middle } else { high = middle }
        }
        starts.append((high - Instant.unixOffset) * 1_000_000)
        current = offset(high)
        offsets.append(current * 1_000_000)
        seconds = high
      } else {
        seconds += week
      }
    }
    self.init(name: name, starts: starts, offsets: offsets)
  }

  /// Microseconds to add to an instant to get local time.
  public func offset(at instant: Int64) -> Int64 { offsets[index(at: instant)] }

  /// Local time of an instant: microseconds since 2000-01-01 00:00 local. Infinities stay.
  public func local(_ instant: Int64) -> Int64 {
    if instant == .min || instant == .max { return instant }
    return instant &+ offset(at: instant)
  }

  /// The day on which an instant falls here.
  public func day(of instant: Instant) -> CivilDate {
    CivilDate(days: local(instant.microseconds).flooredDivision(by: Instant.microsecondsPerDay))
  }

  /// The instant of a local time, as Postgres resolves it: a local time that exists twice is the
  /// later one (standard time), one that is skipped is read with the offset before the gap.
  public func instant(local: Int64) -> Int64 {
    if local == .min || local == .max { return local }
    // The two offsets that can hold: those around the local time read as UTC.
    let before = offset(at: local &- Instant.microsecondsPerDay)
    let after = offset(at: local &+ Instant.microsecondsPerDay)
    let early = local &- before
    let late = local &- after
    if before == after { return early }
    return offset(at: late) == after ? late : early
  }

  /// The first existing instant of a day.
  public func start(of day: CivilDate) -> Instant {
    firstInstant(showing: day.days * Instant.microsecondsPerDay)
  }

  /// The instant a span before another: days count on the calendar and end at the same local time,
  /// or at the first existing instant of the day for a midnight.
  public func instant(_ instant: Instant, minus span: Span) -> Instant {
    switch span {
    case .minutes(let minutes):
      return Instant(microseconds: instant.microseconds - Int64(minutes) * 60_000_000)
    case .days(let days):
      let day = day(of: instant)
      let target = CivilDate(days: day.days - Int64(days))
      if start(of: day) == instant { return start(of: target) }
      let timeOfDay = local(instant.microseconds) - day.days * Instant.microsecondsPerDay
      return Instant(
        microseconds: self.instant(
          local: target.days * Instant.microsecondsPerDay + timeOfDay))
    }
  }

  public func instant(_ instant: Instant, plus span: Span) -> Instant {
    switch span {
    case .minutes(let minutes): self.instant(instant, minus: .minutes(-minutes))
    case .days(let days): self.instant(instant, minus: .days(-days))
    }
  }

  /// The first instant at which clocks show a local time or, where it is skipped, a later one.
  public func firstInstant(showing local: Int64) -> Instant {
    // No offset is as long as a day.
    for place in index(at: local &- Instant.microsecondsPerDay)..<starts.count {
      let found = max(starts[place], local &- offsets[place])
      if place + 1 == starts.count || found < starts[place + 1] {
        return Instant(microseconds: found)
      }
    }
    return Instant(microseconds: local)
  }

  /// How often clocks show a local time: 0 where it is skipped, 2 where they are set back over it.
  public func occurrences(of local: Int64) -> Int {
    let first = index(at: local &- Instant.microsecondsPerDay)
    let last = index(at: local &+ Instant.microsecondsPerDay)
    return (first...last).count { index(at: local &- offsets[$0]) == $0 }
  }

  /// The latest local time that clocks have shown by an instant.
  public func latestLocal(until instant: Int64) -> Int64 {
    var place = index(at: instant)
    var latest = instant &+ offsets[place]
    while place > 0, starts[place] &+ Instant.microsecondsPerDay > instant {
      place -= 1
      latest = max(latest, starts[place + 1] &+ offsets[place] &- 1)
    }
    return latest
  }

  /// The place of the offset that holds at an instant: from that of its period it is never far.
  private func index(at instant: Int64) -> Int {
    let period = Self.period(of: instant) - firstPeriod
    if period < 0 { return 0 }
    var place = Int(periods[min(Int(period), periods.count - 1)])
    while place + 1 < starts.count, starts[place + 1] <= instant { place += 1 }
    return place
  }
}

extension Int64 {
  /// Division that rounds towards minus infinity.
  @inlinable public func flooredDivision(by divisor: Int64) -> Int64 {
    let quotient = self / divisor
    return self % divisor < 0 ? quotient - 1 : quotient
  }
}
