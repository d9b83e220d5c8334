import Frames

/// One aggregate's states of all groups. The loops over rows are in the initialisers, over arrays of
/// one type.
protocol AggregateState: Sendable {
  mutating func merge(_ source: Int, into target: Int)

  /// Adds to each window of each group those before it.
  mutating func accumulateWindows(_ groupCount: Int, _ windowCount: Int)

  /// The results of some states, and the first of them that is out of range if one is.
  func column(of indices: [Int], _ type: ColumnType) -> (column: Column, failed: Int?)
}

extension AggregateState {
  mutating func accumulateWindows(_ groupCount: Int, _ windowCount: Int) {
    for group in 0..<groupCount {
      let first = group * windowCount
      for window in 1..<max(1, windowCount) {
        merge(first + window - 1, into: first + window)
      }
    }
  }
}

struct CountState: AggregateState {
  private var counts: [Int64]

  init(_ groups: [Int32], groupCount: Int) {
    var counts = [Int64](repeating: 0, count: groupCount)
    for group in groups where group >= 0 { counts[Int(group)] &+= 1 }
    self.counts = counts
  }

  subscript(group: Int) -> Int64 { counts[group] }

  mutating func merge(_ source: Int, into target: Int) { counts[target] &+= counts[source] }

  func column(of indices: [Int], _ type: ColumnType) -> (column: Column, failed: Int?) {
    (Column(type: type, values: .int64(indices.map { counts[$0] })), nil)
  }
}

struct BoolState: AggregateState {
  private var values: [Bool]
  private var seen: [Bool]
  private let isOr: Bool

  init(_ rows: [Bool], _ groups: [Int32], _ groupCount: Int, isOr: Bool) {
    var values = [Bool](repeating: !isOr, count: groupCount)
    var seen = [Bool](repeating: false, count: groupCount)
    for (row, group) in groups.enumerated() where group >= 0 {
      seen[Int(group)] = true
      if rows[row] == isOr { values[Int(group)] = isOr }
    }
    self.isOr = isOr
    self.values = values
    self.seen = seen
  }

  mutating func merge(_ source: Int, into target: Int) {
    if seen[source] { seen[target] = true }
    if values[source] == isOr { values[target] = isOr }
  }

  func column(of indices: [Int], _ type: ColumnType) -> (column: Column, failed: Int?) {
    let column = Column(
      type: type, values: .bool(indices.map { values[$0] }), validity: indices.map { seen[$0] })
    return (column, nil)
  }
}
