import Frames

/// A time at which a cron line is due.
public struct CronTick: Sendable, Hashable {
  public let instant: Instant
  /// How often the local time that the line names exists: 0 in a gap, 2 in a fold.
  public let occurrences: Int
  /// The local time that the line names, in microseconds since 2000-01-01 00:00 local.
  public let local: Int64
}

extension Cron {
  /// The first time after an instant at which it is due: each local time that it names once, the
  /// first time that it comes; those that a gap leaves out together, at the first instant after it.
  /// - Returns: nil where that is generations away.
  public func tick(after instant: Instant, in zone: CalendarZone) -> CronTick? {
    let minute: Int64 = 60_000_000
    // What clocks have shown by then does not come again.
    var local =
      (zone.latestLocal(until: instant.microseconds).flooredDivision(by: minute) + 1) * minute
    let last = local + 60 * 366 * Instant.microsecondsPerDay
    while local < last {
      let day = CivilDate(days: local.flooredDivision(by: Instant.microsecondsPerDay))
      let midnight = day.days * Instant.microsecondsPerDay
      if matches(day), let minutes = firstMinute(from: Int((local - midnight) / minute)) {
        let found = midnight + Int64(minutes) * minute
        return CronTick(
          instant: zone.firstInstant(showing: found), occurrences: zone.occurrences(of: found),
          local: found)
      }
      local = midnight + Instant.microsecondsPerDay
    }
    return nil
  }

  /// All times in `(start, end]`.
  /// - Parameter limit: only the last so many.
  /// - Returns: the times, and how many before them were left out.
  public func ticks(
    after start: Instant, through end: Instant, in zone: CalendarZone, last limit: Int = .max
  ) -> (ticks: [CronTick], leftOut: Int) {
    var found: [CronTick] = []
    var leftOut = 0
    var place = start
    while let tick = tick(after: place, in: zone), tick.instant <= end {
      found.append(tick)
      place = tick.instant
      if limit < .max / 2, found.count >= 2 * limit {
        leftOut += found.count - limit
        found.removeFirst(found.count - limit)
      }
    }
    let excess = max(0, found.count - limit)
    return (Array(found.dropFirst(excess)), leftOut + excess)
  }

  /// The first minute of a day that it names, from one on.
  private func firstMinute(from minute: Int) -> Int? {
    let hour = minute / 60
    if hours.contains(hour), let found = minutes.first(from: minute % 60) {
      return hour * 60 + found
    }
    guard let next = hours.first(from: hour + 1), let found = minutes.first(from: 0) else {
      return nil
    }
    return next * 60 + found
  }
}
