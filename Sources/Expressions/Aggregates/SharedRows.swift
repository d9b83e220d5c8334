import Frames

/// What aggregates over the same rows and groups have in common, worked out by the first of them:
/// the times of rows, their order, the periods in which they lie.
///
/// Belongs to one frame, one set of groups and one as-of.
public final class SharedRows {
  private var timed: [String: TimedRows] = [:]

  public init() {}

  /// The times of the rows that pass a filter.
  /// - Parameter filter: as it is written; empty for none.
  func timed(
    _ filter: String, _ make: () throws(EvaluationError) -> TimedRows
  ) throws(EvaluationError) -> TimedRows {
    if let known = timed[filter] { return known }
    let made = try make()
    timed[filter] = made
    return made
  }
}

/// The times of rows with their groups, and what follows from them.
final class TimedRows {
  let times: RowTimes
  /// -1 for a row that does not count, or has no time.
  let groups: [Int32]
  private let groupCount: Int

  init(_ times: RowTimes, _ groups: [Int32], _ groupCount: Int) {
    self.times = times
    self.groups = times.groups(groups)
    self.groupCount = groupCount
  }

  /// The times of each group, the latest first.
  private(set) lazy var latestFirst: GroupedValues<Int64> = {
    var values = GroupedValues(times.microseconds, groups, groupCount)
    values.sortEach(by: >)
    return values
  }()

  /// The numbers of the periods of a kind in which the times of each group lie, the latest first.
  func periods(_ period: CalendarPeriod) -> GroupedValues<Int64> {
    if let known = periodsByKind[period] { return known }
    let periods = latestFirst.map { period.number(of: times.day(of: $0)) }
    periodsByKind[period] = periods
    return periods
  }

  private var periodsByKind: [CalendarPeriod: GroupedValues<Int64>] = [:]
}
