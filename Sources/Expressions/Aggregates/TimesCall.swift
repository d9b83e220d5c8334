import Frames

extension AggregateExpression.Call {
  /// The state of an aggregate of the times of rows.
  func state(of rows: TimedRows, _ groupCount: Int) -> any AggregateState {
    let (times, groups) = (rows.times, rows.groups)
    func state(_ measure: TimesMeasure) -> TimesState {
      TimesState(latestFirst: rows.latestFirst, measure)
    }
    func streak(_ period: CalendarPeriod, _ measure: TimesMeasure) -> TimesState {
      TimesState(latestFirst: rows.periods(period), measure)
    }
    func share(_ isCounted: (Int64) -> Bool) -> ShareState {
      ShareState(
        groups.indices.map { groups[$0] >= 0 && isCounted(times.microseconds[$0]) }, groups,
        groupCount)
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
      return share { time in
        let hour = times.hour(of: time)
        return start < end ? (start..<end).contains(hour) : hour >= start || hour < end
      }
    // Day 0, 2000-01-01, was a Saturday.
    case (.weekendShare, _):
      return share { time in
        let days = times.day(of: time).days
        return days - days.flooredDivision(by: 7) * 7 < 2
      }
    default: return CountState(groups, groupCount: groupCount)
    }
  }
}
