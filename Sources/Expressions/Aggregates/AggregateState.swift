import Frames

/// How groups are numbered: window after window, each with a group for every entity in the same order.
/// Rows mostly come in the order of time, so that those one after the other touch the groups of one
/// window only.
struct GroupLayout: Sendable {
  let entities: Int
  let windows: Int
  var count: Int { entities * windows }

  init(_ groupCount: Int, windows: Int = 1) {
    self.windows = windows
    entities = groupCount / windows
  }
}

/// One aggregate's states of all groups. The loops over rows are in the initialisers, or in `add`, over
/// arrays of one type.
protocol AggregateState: Sendable {
  mutating func merge(_ source: Int, into target: Int)

  /// Adds to each window of each entity those before it.
  mutating func accumulateWindows(_ layout: GroupLayout)

  /// The results of some states, and the first of them that is out of range if one is.
  func column(of indices: [Int], _ type: ColumnType) -> (column: Column, failed: Int?)
}

extension AggregateState {
  mutating func accumulateWindows(_ layout: GroupLayout) {
    for group in 0..<(layout.count - layout.entities) {
      merge(group, into: group + layout.entities)
    }
  }
}

/// A state that takes its rows block by block, so that what is worked out of a block is small and stays
/// in a core's cache.
protocol BlockwiseState: AggregateState {
  /// Adds rows to their groups; -1 is the group of a row that does not count.
  /// - Parameter values: the argument's, one for each row; nil where there is no argument.
  /// - Returns: false where the state cannot hold these values, and must not be used any more.
  mutating func add(_ values: Column?, _ groups: [Int32]) -> Bool
}

struct CountState: BlockwiseState {
  private var counts: [Int32]

  init(groupCount: Int) { counts = Array(repeating: 0, count: groupCount) }

  init(_ groups: [Int32], groupCount: Int) {
    self.init(groupCount: groupCount)
    add(groups)
  }

  mutating func add(_ groups: [Int32]) {
    counts.withUnsafeMutableBufferPointer { counts in
      for group in groups where group >= 0 { counts[Int(group)] &+= 1 }
    }
  }

  mutating func add(_ values: Column?, _ groups: [Int32]) -> Bool {
    add(groups)
    return true
  }

  subscript(group: Int) -> Int64 { Int64(counts[group]) }

  mutating func merge(_ source: Int, into target: Int) { counts[target] &+= counts[source] }

  func column(of indices: [Int], _ type: ColumnType) -> (column: Column, failed: Int?) {
    (Column(type: type, values: .int64(indices.map { Int64(counts[$0]) })), nil)
  }
}

struct BoolState: BlockwiseState {
  private var values: [Bool]
  private var seen: [Bool]
  private let isOr: Bool

  init(groupCount: Int, isOr: Bool) {
    self.isOr = isOr
    values = Array(repeating: !isOr, count: groupCount)
    seen = Array(repeating: false, count: groupCount)
  }

  mutating func add(_ column: Column?, _ groups: [Int32]) -> Bool {
    guard case .bool(let rows)? = column?.values else { return false }
    for (row, group) in groups.enumerated() where group >= 0 {
      seen[Int(group)] = true
      if rows[row] == isOr { values[Int(group)] = isOr }
    }
    return true
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
