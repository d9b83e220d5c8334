import Frames

/// The share of rows that are true.
struct ShareState: AggregateState {
  private var trues: CountState
  private var all: CountState

  init(_ rows: [Bool], _ groups: [Int32], _ groupCount: Int) {
    all = CountState(groups, groupCount: groupCount)
    trues = CountState(groups.indices.map { rows[$0] ? groups[$0] : -1 }, groupCount: groupCount)
  }

  mutating func merge(_ source: Int, into target: Int) {
    all.merge(source, into: target)
    trues.merge(source, into: target)
  }

  func column(of indices: [Int], _ type: ColumnType) -> (column: Column, failed: Int?) {
    let shares = indices.map { Double(trues[$0]) / Double(max(1, all[$0])) }
    let column = Column(
      type: type, values: .float64(shares), validity: indices.map { all[$0] > 0 })
    return (column, nil)
  }
}
