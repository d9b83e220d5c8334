import Frames

/// One aggregate's states of all groups. The loops over rows are in the initialisers, over arrays of
/// one type.
protocol AggregateState: Sendable {
  mutating func merge(_ source: Int, into target: Int)

  /// The results of some states, and the first of them that is out of range if one is.
  func column(of indices: [Int], _ type: ColumnType) -> (column: Column, failed: Int?)
}

struct CountState: AggregateState {
  private var counts: [Int64]

  init(_ groups: [Int32], groupCount: Int) {
    var counts = [Int64](repeating: 0, count: groupCount)
    for group in groups where group >= 0 { counts[Int(group)] &+= 1 }
    self.counts = counts
  }

  mutating func merge(_ source: Int, into target: Int) { counts[target] &+= counts[source] }

  func column(of indices: [Int], _ type: ColumnType) -> (column: Column, failed: Int?) {
    (Column(type: type, values: .int64(indices.map { counts[$0] })), nil)
  }
}

/// `count(distinct x)`: a set of keys per group.
struct DistinctState: AggregateState {
  private var sets: [Set<Int128>]

  init(_ column: Column, _ groups: [Int32], groupCount: Int) {
    var sets = [Set<Int128>](repeating: [], count: groupCount)
    func insert(_ key: (Int) -> Int128) {
      for (row, group) in groups.enumerated() where group >= 0 {
        sets[Int(group)].insert(key(row))
      }
    }
    switch column.values {
    case .bool(let values): insert { values[$0] ? 1 : 0 }
    case .int64(let values): insert { Int128(values[$0]) }
    case .int128(let values): insert { values[$0] }
    case .interval(let values): insert { IntervalText.span(values[$0]) }
    case .float64(let values):
      // All NaNs are equal, and so are the two zeros.
      insert {
        Int128(values[$0].isNaN ? .max : values[$0] == 0 ? 0 : values[$0].bitPattern)
      }
    case .text(let codes, let dictionary):
      var builder = TextDictionaryBuilder()
      let unique = (0..<Int32(dictionary.count)).map { builder.code(of: dictionary.utf8($0)) }
      insert { Int128(unique[Int(codes[$0])]) }
    }
    self.sets = sets
  }

  mutating func merge(_ source: Int, into target: Int) {
    guard source != target else { return }
    sets[target].formUnion(sets[source])
  }

  func column(of indices: [Int], _ type: ColumnType) -> (column: Column, failed: Int?) {
    (Column(type: type, values: .int64(indices.map { Int64(sets[$0].count) })), nil)
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
