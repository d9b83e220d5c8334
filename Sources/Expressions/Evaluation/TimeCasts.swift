import Frames

/// Casts among dates, local times and instants; the latter two meet in the session's zone.
enum TimeCasts {
  static func kernel(from source: ColumnType, to target: ColumnType) -> Kernel? {
    switch (source, target) {
    case (.date, .timestamp):
      return fallible(target) { days, _, failure in midnight(days, &failure) }
    case (.date, .timestamptz):
      return fallible(target) { days, zone, failure in
        let local = midnight(days, &failure)
        return failure.kind == nil ? zone.instant(local: local) : 0
      }
    case (.timestamp, .timestamptz):
      return infallible(target) { local, zone in zone.instant(local: local) }
    case (.timestamptz, .timestamp):
      return infallible(target) { instant, zone in zone.local(instant) }
    case (.timestamp, .date): return infallible(target) { local, _ in day(local) }
    case (.timestamptz, .date):
      return infallible(target) { instant, zone in day(zone.local(instant)) }
    default: return nil
    }
  }

  /// The cast of a date for a comparison with a `timestamp` or `timestamptz`, which cannot fail: a date
  /// that is too late for a timestamp is after all of them and before infinity.
  static func comparison(to target: ColumnType) -> Kernel {
    infallible(target) { days, zone in
      if days == .min || days == .max { return days }
      if days >= timestampDays.upperBound { return .max - 1 }
      if days < timestampDays.lowerBound { return .min + 1 }
      let local = days * Instant.microsecondsPerDay
      return target == .timestamptz ? zone.instant(local: local) : local
    }
  }

  private static func infallible(
    _ type: ColumnType, _ body: @escaping @Sendable (Int64, CalendarZone) -> Int64
  ) -> Kernel {
    .infallible { arguments, call in
      let zone = call.context.zone
      return call.map(arguments[0], arguments[0].int64s, to: type, ColumnValues.int64) {
        body($0, zone)
      }
    }
  }

  private static func fallible(
    _ type: ColumnType, _ body: @escaping @Sendable (Int64, CalendarZone, inout Failure) -> Int64
  ) -> Kernel {
    .fallible { arguments, call throws(EvaluationError) in
      let zone = call.context.zone
      return try call.tryMap(arguments[0], arguments[0].int64s, to: type, ColumnValues.int64) {
        body($0, zone, &$1)
      }
    }
  }

  /// The days that a timestamp can hold: 4714-11-24 BC to 294276-12-31.
  static let timestampDays: Range<Int64> =
    CivilDate(
      year: -4713, month: 11, day: 24
    ).days..<CivilDate(year: 294_277, month: 1, day: 1).days
  /// The days that a date can hold: 4714-11-24 BC to 5874897-12-31.
  static let dateDays: Range<Int64> =
    timestampDays.lowerBound..<CivilDate(year: 5_874_898, month: 1, day: 1).days

  static func isTimestamp(_ microseconds: Int64) -> Bool {
    microseconds >= timestampDays.lowerBound * Instant.microsecondsPerDay
      && microseconds < timestampDays.upperBound * Instant.microsecondsPerDay
  }

  static func midnight(_ days: Int64, _ failure: inout Failure) -> Int64 {
    if days == .min || days == .max { return days }
    guard timestampDays.contains(days) else {
      failure.fail(.timeOutOfRange, "date out of range for timestamp")
      return 0
    }
    return days * Instant.microsecondsPerDay
  }

  @inline(__always) static func day(_ local: Int64) -> Int64 {
    local == .min || local == .max
      ? local : local.flooredDivision(by: Instant.microsecondsPerDay)
  }
}
