import Frames

/// `first` and `last`: the row of each group with the least or greatest time, of several at one time the
/// first or last in the order of the rows.
struct TimedState: AggregateState {
  private var rows: [Int32]
  private let times: [Int64]
  private let values: Column
  private let isLast: Bool

  /// - Parameter times: not null for rows that count.
  init(
    _ column: Column, _ times: [Int64], _ groups: [Int32], _ groupCount: Int, isLast: Bool
  ) {
    values = column
    self.times = times
    self.isLast = isLast
    rows = Array(repeating: -1, count: groupCount)
    for (row, group) in groups.enumerated() where group >= 0 { take(Int32(row), Int(group)) }
  }

  private mutating func take(_ row: Int32, _ group: Int) {
    guard row >= 0 else { return }
    let current = rows[group]
    guard current >= 0 else {
      rows[group] = row
      return
    }
    let (new, old) = (Int(row), Int(current))
    // Rows stand in the order of their key.
    let isLater = times[new] > times[old] || (times[new] == times[old] && new > old)
    let isEarlier = times[new] < times[old] || (times[new] == times[old] && new < old)
    if isLast ? isLater : isEarlier { rows[group] = row }
  }

  mutating func merge(_ source: Int, into target: Int) { take(rows[source], target) }

  func column(of indices: [Int], _ type: ColumnType) -> (column: Column, failed: Int?) {
    let chosen = indices.map { rows[$0] }
    guard values.count > 0 else {
      var builder = ColumnBuilder(type: type)
      for _ in indices { builder.appendNull() }
      return (builder.build(), nil)
    }
    let column = values.gathered(chosen.map { max(0, $0) })
    return (
      Column(type: type, values: column.values, validity: chosen.map { $0 >= 0 }), nil
    )
  }
}
