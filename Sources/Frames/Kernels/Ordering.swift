/// A column as integers that order as its values do; equal values have equal integers. Text orders
/// by bytes, NaN is the greatest number and equals itself, an interval has its months as 30 days.
enum SortKeys {
  case narrow([Int64])
  case wide([Int128])

  init(_ column: Column) {
    switch column.values {
    case .bool(let values): self = .narrow(values.map { $0 ? 1 : 0 })
    case .int64(let values): self = .narrow(values)
    case .int128(let values):
      // A uuid orders by its bytes, that is as an unsigned number.
      self = .wide(column.type == .uuid ? values.map { $0 ^ Int128.min } : values)
    case .float64(let values): self = .narrow(values.map(SortKeys.ordered))
    case .text(let codes, let dictionary):
      let ranks = dictionary.ranks()
      self = .narrow(codes.map { Int64(ranks[Int($0)]) })
    case .interval(let values):
      self = .wide(
        values.map {
          (Int128($0.months) * 30 + Int128($0.days)) * Int128(Instant.microsecondsPerDay)
            + Int128($0.microseconds)
        })
    }
  }

  /// The bits of a number as an integer of the same order; -0 is 0 and every NaN is one.
  static func ordered(_ value: Double) -> Int64 {
    if value.isNaN { return .max }
    let bits = Int64(bitPattern: (value == 0 ? 0 : value).bitPattern)
    return bits >= 0 ? bits : bits ^ .max
  }

  /// -1, 0 or 1.
  @inline(__always) func compare(_ a: Int, _ b: Int) -> Int {
    switch self {
    case .narrow(let keys): keys[a] < keys[b] ? -1 : keys[a] == keys[b] ? 0 : 1
    case .wide(let keys): keys[a] < keys[b] ? -1 : keys[a] == keys[b] ? 0 : 1
    }
  }
}

/// A column to order by.
public struct SortColumn: Sendable {
  public let name: String
  public let descending: Bool

  public init(_ name: String, descending: Bool = false) {
    self.name = name
    self.descending = descending
  }
}

extension Frame {
  /// The row numbers in order. Nulls come last, descending or not. Rows that are equal in `by` are
  /// ordered by all other columns, so that the order does not depend on how the rows came; rows that
  /// are equal in everything keep their order.
  public func order(by columns: [SortColumn]) -> [Int32] {
    let named = columns.compactMap { sort in schema.index(of: sort.name).map { ($0, sort) } }
    let taken = Set(named.map(\.0))
    var steps = named.map { place, sort in (place: place, descending: sort.descending) }
    steps += self.columns.indices.filter { !taken.contains($0) }.map { ($0, false) }
    var rows = Array(0..<Int32(rowCount))
    // Runs of rows that are equal so far; each further column only has to order these.
    var runs = rowCount > 1 ? [0..<rowCount] : []
    for step in steps where !runs.isEmpty {
      let column = self.columns[step.place]
      let keys = SortKeys(column)
      if case .narrow(let values) = keys, column.validity == nil {
        // Turned over, integers descend.
        let keys = step.descending ? values.map { ~$0 } : values
        runs = keys.withUnsafeBufferPointer { Self.refine(&rows, runs, by: $0) }
      } else {
        runs = Self.refine(&rows, runs, by: keys, of: column, descending: step.descending)
      }
    }
    return rows
  }

  /// Orders each run, and tells the runs that are left of equal rows.
  private static func refine(
    _ rows: inout [Int32], _ runs: [Range<Int>], by keys: UnsafeBufferPointer<Int64>
  ) -> [Range<Int>] {
    var left: [Range<Int>] = []
    for run in runs {
      var isOrdered = true
      for place in run.dropFirst() where keys[Int(rows[place])] < keys[Int(rows[place - 1])] {
        isOrdered = false
        break
      }
      if !isOrdered {
        if run.count < 1024 {
          // Swift's sort is stable.
          rows[run].sort { keys[Int($0)] < keys[Int($1)] }
        } else {
          RadixSort.sort(&rows[run], by: keys)
        }
      }
      var start = run.lowerBound
      for place in run.dropFirst() where keys[Int(rows[place])] != keys[Int(rows[place - 1])] {
        if place - start > 1 { left.append(start..<place) }
        start = place
      }
      if run.upperBound - start > 1 { left.append(start..<run.upperBound) }
    }
    return left
  }

  /// The same for a column with nulls, which come last, or with wide keys.
  private static func refine(
    _ rows: inout [Int32], _ runs: [Range<Int>], by keys: SortKeys, of column: Column,
    descending: Bool
  ) -> [Range<Int>] {
    func compare(_ a: Int32, _ b: Int32) -> Int {
      let left = Int(a)
      let right = Int(b)
      switch (column.isNull(left), column.isNull(right)) {
      case (true, true): return 0
      case (true, false): return 1
      case (false, true): return -1
      case (false, false):
        let order = keys.compare(left, right)
        return descending ? -order : order
      }
    }
    var left: [Range<Int>] = []
    for run in runs {
      if !(run.dropFirst().allSatisfy { compare(rows[$0 - 1], rows[$0]) <= 0 }) {
        rows[run].sort { compare($0, $1) < 0 }
      }
      var start = run.lowerBound
      for place in run.dropFirst() where compare(rows[place - 1], rows[place]) != 0 {
        if place - start > 1 { left.append(start..<place) }
        start = place
      }
      if run.upperBound - start > 1 { left.append(start..<run.upperBound) }
    }
    return left
  }

  /// The frame in an order that depends on its values alone, dictionaries included.
  public func ordered(by names: [String]) -> Frame {
    var sorted = self
    if !ascends(by: names) {
      let rows = order(by: names.map { SortColumn($0) })
      if !rows.indices.allSatisfy({ Int(rows[$0]) == $0 }) { sorted = taking(rows) }
    }
    return sorted.withOrderedDictionaries
  }

  /// The frame with dictionaries that depend on its texts alone, in byte order.
  public var withOrderedDictionaries: Frame {
    Frame(schema: schema, columns: columns.map(\.withOrderedDictionary), rowCount: rowCount)
  }

  /// Whether the first of these columns alone has the rows in order, each value greater than the one
  /// before, as the key of a table has that rows are only appended to.
  private func ascends(by names: [String]) -> Bool {
    guard let column = names.first.flatMap({ self[$0] }), column.validity == nil,
      case .int64(let values) = column.values
    else { return false }
    return values.withUnsafeBufferPointer { values in
      for row in 1..<max(1, values.count) where values[row - 1] >= values[row] { return false }
      return true
    }
  }
}

extension Column {
  /// The column with the texts of its dictionary in byte order and only those that occur.
  var withOrderedDictionary: Column {
    guard case .text(let codes, let dictionary) = values else { return self }
    var used = [Bool](repeating: false, count: dictionary.count)
    for row in codes.indices where !isNull(row) { used[Int(codes[row])] = true }
    let kept = (0..<Int32(dictionary.count)).filter { used[Int($0)] }
      .sorted(by: dictionary.precedes)
    var place = [Int32](repeating: 0, count: dictionary.count)
    var bytes: [UInt8] = []
    var offsets = [0]
    for (new, old) in kept.enumerated() {
      place[Int(old)] = Int32(new)
      bytes.append(contentsOf: dictionary.utf8(old))
      offsets.append(bytes.count)
    }
    // A null's code must exist in the dictionary too.
    if kept.isEmpty && !codes.isEmpty { offsets.append(0) }
    return Column(
      type: type,
      values: .text(
        codes.map { place[Int($0)] }, TextDictionary(bytes: bytes, offsets: offsets)),
      validity: validity)
  }
}
