import Frames

/// Fields of times.
enum TimeFields {
  enum Unit: String, Sendable {
    case second, minute, hour, day, week, month, quarter, year

    init?(named name: String) { self.init(rawValue: name.lowercased()) }

    /// Whether it is a part of a day.
    var isOfDay: Bool { self == .hour || self == .minute || self == .second }
  }

  enum Field: String, Sendable {
    case year, isoyear, quarter, month, week, day, dow, isodow, doy, hour, minute, second, epoch

    init?(named name: String) { self.init(rawValue: name.lowercased()) }

    /// Whether a date does not have it.
    var isOfDay: Bool { self == .hour || self == .minute || self == .second }

    /// Whether an interval has it.
    var isOfInterval: Bool {
      switch self {
      case .year, .quarter, .month, .day, .hour, .minute, .second, .epoch: true
      default: false
      }
    }

    /// The type of the field of a value of a type.
    func type(of source: ColumnType) -> ColumnType {
      switch self {
      // A date may be millions of years away.
      case .epoch: .numeric(precision: 18, scale: source == .date ? 0 : 6)
      case .second: .numeric(precision: 8, scale: 6)
      default: .numeric(precision: 10, scale: 0)
      }
    }
  }

  /// The calendar day of a time that is not infinite.
  static func day(_ time: Int64, _ type: ColumnType, _ zone: CalendarZone) -> Int64 {
    switch type {
    case .date: time
    case .timestamp: TimeCasts.day(time)
    default: TimeCasts.day(zone.local(time))
    }
  }

  static func truncate(_ local: Int64, to unit: Unit) -> Int64 {
    func floored(_ step: Int64) -> Int64 { local.flooredDivision(by: step) &* step }
    func start(_ day: CivilDate) -> Int64 { day.days &* Instant.microsecondsPerDay }
    let day = TimeCasts.day(local)
    let (year, month, _) = CivilDate(days: day).components
    switch unit {
    case .second: return floored(1_000_000)
    case .minute: return floored(60_000_000)
    case .hour: return floored(3_600_000_000)
    case .day: return floored(Instant.microsecondsPerDay)
    case .week: return start(CivilDate(days: day - Int64(weekday(day) - 1)))
    case .month: return start(CivilDate(year: year, month: month, day: 1))
    case .quarter: return start(CivilDate(year: year, month: (month - 1) / 3 * 3 + 1, day: 1))
    case .year: return start(CivilDate(year: year, month: 1, day: 1))
    }
  }

  /// Monday is 1, Sunday 7. 2000-01-01 was a Saturday.
  private static func weekday(_ day: Int64) -> Int {
    let place = (day + 5) % 7
    return Int(place < 0 ? place + 7 : place) + 1
  }

  /// The last time whose microseconds since 1970 fit into 64 bits.
  static let lastEpoch = Int64.max - Instant.unixOffset * 1_000_000

  /// The field in units of the scale of its type.
  static func extract(
    _ field: Field, _ time: Int64, _ type: ColumnType, _ zone: CalendarZone
  ) -> Int64 {
    let day = day(time, type, zone)
    // What stands under a null may be no date at all.
    guard TimeCasts.dateDays.contains(day) else { return 0 }
    let (year, month, dayOfMonth) = CivilDate(days: day).components
    let local = type == .timestamptz ? zone.local(time) : time
    let timeOfDay = type == .date ? 0 : local &- day &* Instant.microsecondsPerDay
    switch field {
    case .year: return Int64(year > 0 ? year : year - 1)
    case .isoyear: return isoYear(of: day)
    case .quarter: return Int64((month - 1) / 3 + 1)
    case .month: return Int64(month)
    case .week: return week(of: day)
    case .day: return Int64(dayOfMonth)
    case .dow: return Int64(weekday(day) % 7)
    case .isodow: return Int64(weekday(day))
    case .doy: return day - CivilDate(year: year, month: 1, day: 1).days + 1
    case .hour: return timeOfDay / 3_600_000_000
    case .minute: return timeOfDay / 60_000_000 % 60
    case .second: return timeOfDay % 60_000_000
    case .epoch where type == .date: return (day + 10_957) * 86_400
    case .epoch:
      let instant = type == .timestamptz ? time : local
      return instant &+ Instant.unixOffset * 1_000_000
    }
  }

  /// The year of the ISO week.
  private static func isoYear(of day: Int64) -> Int64 {
    let (year, _, _) = CivilDate(days: day + Int64(4 - weekday(day))).components
    return Int64(year > 0 ? year : year - 1)
  }

  /// The ISO week: that of the week's Thursday in its year.
  private static func week(of day: Int64) -> Int64 {
    let thursday = day + Int64(4 - weekday(day))
    let (year, _, _) = CivilDate(days: thursday).components
    return (thursday - CivilDate(year: year, month: 1, day: 1).days) / 7 + 1
  }

  // MARK: Intervals

  /// A field of an interval that has it and that is not the epoch.
  static func extract(_ field: Field, _ interval: IntervalValue) -> Int64 {
    switch field {
    case .year: Int64(interval.months / 12)
    case .quarter: Int64(interval.months % 12 / 3 + 1)
    case .month: Int64(interval.months % 12)
    case .day: Int64(interval.days)
    case .hour: interval.microseconds / 3_600_000_000
    case .minute: interval.microseconds / 60_000_000 % 60
    case .second: interval.microseconds % 60_000_000
    default: 0
    }
  }

  /// The length of an interval with years of 365.25 days and months of 30.
  static func microseconds(of interval: IntervalValue) -> Int128 {
    let quarterDays =
      Int128(interval.months / 12) * 1461 + Int128(interval.months % 12) * 120
      + Int128(interval.days) * 4
    return quarterDays * Int128(Instant.microsecondsPerDay / 4) + Int128(interval.microseconds)
  }
}
