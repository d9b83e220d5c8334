import Frames

extension AggregateExpression.Call {
  /// The state of an aggregate of the times of rows.
  ///
  /// - Parameter groups: -1 for a row that has no time.
  func state(of times: RowTimes, _ groups: [Int32], _ groupCount: Int) -> any AggregateState {
    func state(_ measure: TimesMeasure) -> TimesState {
      TimesState(times.microseconds, groups, groupCount, measure)
    }
    func streak(_ period: CalendarPeriod, _ measure: TimesMeasure) -> TimesState {
      let periods = groups.indices.map { row in
        groups[row] < 0 ? 0 : period.number(of: times.day(row))
      }
      return TimesState(periods, groups, groupCount, measure)
    }
    func share(_ isCounted: (Int) -> Bool) -> ShareState {
      ShareState(groups.indices.map { groups[$0] >= 0 && isCounted($0) }, groups, groupCount)
    }
    switch (function, option) {
    case (.meanGap, _): return state(.meanGap)
    case (.gapDeviation, _): return state(.gapDeviation)
    case (.gapVariation, _): return state(.gapVariation)
    case (.longestStreak, .period(let period)): return streak(period, .longestStreak)
    case (.currentStreak, .period(let period)):
      return streak(period, .currentStreak(period.number(of: times.today)))
    case (.sessions, .gap(let gap)): return state(.sessions(gap))
    case (.sessionMinutes, .gap(let gap)): return state(.sessionMinutes(gap))
    case (.sessionDepth, .gap(let gap)): return state(.sessionDepth(gap))
    case (.bounceRate, .gap(let gap)): return state(.bounceRate(gap))
    case (.hourShare, .hours(let start, let end)):
      return share { row in
        let hour = times.hour(row)
        return start < end ? (start..<end).contains(hour) : hour >= start || hour < end
      }
    // Day 0, 2000-01-01, was a Saturday.
    case (.weekendShare, _):
      return share { row in
        let days = times.day(row).days
        return days - days.flooredDivision(by: 7) * 7 < 2
      }
    default: return CountState(groups, groupCount: groupCount)
    }
  }
}
