import Frames

/// The times of each group, for aggregates of the times alone.
struct TimesState: AggregateState {
  private let measure: TimesMeasure
  /// Microseconds, or numbers of periods for streaks.
  private var times: GroupedValues<Int64>

  init(_ times: [Int64], _ groups: [Int32], _ groupCount: Int, _ measure: TimesMeasure) {
    self.measure = measure
    self.times = GroupedValues(times, groups, groupCount)
  }

  mutating func merge(_ source: Int, into target: Int) { times.merge(source, into: target) }

  func column(of indices: [Int], _ type: ColumnType) -> (column: Column, failed: Int?) {
    var sorted: [Int64] = []
    let results = indices.map { group in
      times.copy(group, to: &sorted)
      sorted.sort()
      return measure.value(of: sorted)
    }
    let values: ColumnValues =
      type == .int8
      ? .int64(results.map { Int64($0 ?? 0) }) : .float64(results.map { $0 ?? 0 })
    return (Column(type: type, values: values, validity: results.map { $0 != nil }), nil)
  }
}
