import Frames

/// The share of rows that are true.
struct ShareState: BlockwiseState {
  private var trues: CountState
  private var all: CountState

  init(groupCount: Int) {
    all = CountState(groupCount: groupCount)
    trues = all
  }

  init(_ rows: [Bool], _ groups: [Int32], _ groupCount: Int) {
    self.init(groupCount: groupCount)
    add(rows, groups)
  }

  private mutating func add(_ rows: [Bool], _ groups: [Int32]) {
    all.add(groups)
    trues.add(groups.indices.map { rows[$0] ? groups[$0] : -1 })
  }

  mutating func add(_ values: Column?, _ groups: [Int32]) -> Bool {
    guard case .bool(let rows)? = values?.values else { return false }
    add(rows, groups)
    return true
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
