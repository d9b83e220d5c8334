import Frames

/// The times of each group, for aggregates of the times alone.
struct TimesState: AggregateState {
  private let measure: TimesMeasure
  /// Microseconds, or numbers of periods for streaks; the latest of a group first. A shorter window
  /// is merged into the next longer one, whose own rows are earlier, and the order stays.
  private var times: GroupedValues<Int64>

  init(latestFirst times: GroupedValues<Int64>, _ measure: TimesMeasure) {
    self.measure = measure
    self.times = times
  }

  mutating func merge(_ source: Int, into target: Int) { times.merge(source, into: target) }

  func column(of indices: [Int], _ type: ColumnType) -> (column: Column, failed: Int?) {
    var sorted: [Int64] = []
    let results = indices.map { group in
      times.copy(group, to: &sorted)
      sorted.reverse()
      if !sorted.isAscending { sorted.sort() }
      return measure.value(of: sorted)
    }
    let values: ColumnValues =
      type == .int8
      ? .int64(results.map { Int64($0 ?? 0) }) : .float64(results.map { $0 ?? 0 })
    return (Column(type: type, values: values, validity: results.map { $0 != nil }), nil)
  }
}

extension [Int64] {
  fileprivate var isAscending: Bool {
    withUnsafeBufferPointer { values in
      for place in stride(from: 1, to: values.count, by: 1)
      where values[place] < values[place - 1] { return false }
      return true
    }
  }
}
