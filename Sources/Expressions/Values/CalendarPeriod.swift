import Frames

/// Calendar periods that follow each other without a hole, so that they can be numbered.
enum CalendarPeriod: String, Sendable {
  case day, week, month

  /// The number of the period of a day; that of the next period is one more. Weeks begin on Monday.
  func number(of day: CivilDate) -> Int64 {
    switch self {
    case .day: return day.days
    case .week:
      // 2000-01-03, day 2, was a Monday.
      return (day.days - 2).flooredDivision(by: 7)
    case .month:
      let (year, month, _) = day.components
      return Int64(year) * 12 + Int64(month)
    }
  }
}
