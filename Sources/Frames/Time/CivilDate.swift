/// Days of the proleptic Gregorian calendar, counted from 2000-01-01 as Postgres counts dates.
public struct CivilDate: Sendable, Hashable, Comparable {
  public let days: Int64

  public init(days: Int64) { self.days = days }

  /// The date's day number by Howard Hinnant's `days_from_civil`
  /// (howardhinnant.github.io/date_algorithms.html). Month and day are not checked.
  public init(year: Int, month: Int, day: Int) {
    let year = month <= 2 ? year - 1 : year
    let era = (year >= 0 ? year : year - 399) / 400
    let yearOfEra = year - era * 400
    let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
    let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
    days = Int64(era * 146_097 + dayOfEra - 719_468 - 10_957)
  }

  /// Year (0 is 1 BC), month and day, by Hinnant's `civil_from_days`.
  public var components: (year: Int, month: Int, day: Int) {
    let shifted = Int(days) + 10_957 + 719_468
    let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let month = (5 * dayOfYear + 2) / 153
    let day = dayOfYear - (153 * month + 2) / 5 + 1
    let civilMonth = month < 10 ? month + 3 : month - 9
    return (yearOfEra + era * 400 + (civilMonth <= 2 ? 1 : 0), civilMonth, day)
  }

  public static func < (a: Self, b: Self) -> Bool { a.days < b.days }
}
