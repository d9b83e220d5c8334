import Frames
import Synchronization

/// What aggregates over the same rows and groups have in common, worked out by the first of them:
/// the times of rows, their order, the periods in which they lie.
///
/// Belongs to one frame, one set of groups and one as-of.
public final class SharedTimes: Sendable {
  private let timed = Mutex<[TypedExpression?: TimedRows]>([:])

  public init() {}

  /// The times of the rows that pass a filter, if they are known.
  subscript(filter: TypedExpression?) -> TimedRows? { timed.withLock { $0[filter] } }

  /// Keeps the times of the rows that pass a filter, unless another thread was faster.
  func keep(_ rows: TimedRows, for filter: TypedExpression?) -> TimedRows {
    timed.withLock { timed in
      let kept = timed[filter] ?? rows
      timed[filter] = kept
      return kept
    }
  }
}

/// The times of rows with their groups, and what follows from them.
final class TimedRows: Sendable {
  let times: RowTimes
  /// -1 for a row that does not count, or has no time.
  let groups: [Int32]
  private let layout: GroupLayout
  private let sorted = Mutex<GroupedValues<Int64>?>(nil)
  private let periods = Mutex<[CalendarPeriod: GroupedValues<Int64>]>([:])

  init(_ times: RowTimes, _ groups: [Int32], _ layout: GroupLayout) {
    self.times = times
    self.groups = times.groups(groups)
    self.layout = layout
  }

  /// The times of each group, the latest first.
  var latestFirst: GroupedValues<Int64> {
    sorted.withLock { sorted in
      if let sorted { return sorted }
      var values = GroupedValues(times.microseconds, groups, layout)
      values.sortEach(by: >)
      sorted = values
      return values
    }
  }

  /// The numbers of the periods of a kind in which the times of each group lie, the latest first.
  func periods(_ period: CalendarPeriod) -> GroupedValues<Int64> {
    let latestFirst = latestFirst
    return periods.withLock { periods in
      if let known = periods[period] { return known }
      let made = latestFirst.map { period.number(of: times.day(of: $0)) }
      periods[period] = made
      return made
    }
  }
}
