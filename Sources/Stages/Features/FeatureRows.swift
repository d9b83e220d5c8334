import Expressions
import Frames

/// The rows that one source's features are worked out from, with what is the same of them at every
/// as-of. Those of an entity stand together, in the order in which they came, so that what is worked out
/// for it stays in a core's cache; rows that belong to none are left out.
struct FeatureRows: Sendable {
  /// The columns that aggregates read.
  let frame: Frame
  /// For each row the place of its entity in `keys`.
  let owners: [Int32]
  /// Each entity that a row names, once.
  let keys: Column
  /// From when each row is seen, in microseconds since 2000-01-01; nil where all are.
  let known: [Int64]?
  /// When each row happened; nil for a source without time.
  let instants: [Int64]?
  let cache = EvaluationCache()

  init(
    _ source: FeatureSourcePlan, _ rows: Frame, known: [Int64]?, in context: EvaluationContext
  ) throws(EvaluationError) {
    let read = (source.windowed + source.ever).reduce(into: Set<String>()) {
      $0.formUnion($1.expression.columns)
    }
    let needed = rows.selecting(rows.schema.names.filter(read.contains))
    let instants = source.time.flatMap { rows[$0]?.instants(in: context.zone) }
    guard let key = rows[source.entityColumn] else {
      self.init(needed, owners: [], keys: Column(type: .int8, values: .int64([])), known, instants)
      return
    }
    let grouping = Grouping(by: [key], rowCount: rows.rowCount)
    var owners = grouping.groups
    if key.nullCount > 0 {
      for row in owners.indices where key.isNull(row) { owners[row] = -1 }
    }
    if let counts = try source.condition?.selection(over: rows, in: context) {
      for row in owners.indices where !counts[row] { owners[row] = -1 }
    }
    self.init(needed, owners: owners, keys: key.taking(grouping.firstRows), known, instants)
  }

  /// - Parameter owners: one for each row, -1 for one that belongs to no entity or does not count.
  private init(
    _ rows: Frame, owners: [Int32], keys: Column, _ known: [Int64]?, _ instants: [Int64]?
  ) {
    let order = Self.order(by: owners, count: keys.count)
    frame = rows.taking(order)
    self.owners = order.map { owners[Int($0)] }
    self.keys = keys
    self.known = known.map { known in order.map { known[Int($0)] } }
    self.instants = instants.map { instants in order.map { instants[Int($0)] } }
  }

  /// The rows with an owner, owner after owner: a counting sort.
  private static func order(by owners: [Int32], count: Int) -> [Int32] {
    var next = [Int](repeating: 0, count: count + 1)
    for owner in owners where owner >= 0 { next[Int(owner) + 1] += 1 }
    for owner in 0..<count { next[owner + 1] += next[owner] }
    var order = [Int32](repeating: 0, count: next[count])
    for (row, owner) in owners.enumerated() where owner >= 0 {
      order[next[Int(owner)]] = Int32(row)
      next[Int(owner)] += 1
    }
    return order
  }

  /// The group of each row at an as-of, for aggregates over all rows: the place of its entity among
  /// `entities`; -1 for a row that does not count.
  func groups(_ entities: Column, asOf: Instant) -> [Int32] {
    let places = KeyMatch(of: [keys], in: [entities]).rows
    let asOf = asOf.microseconds
    return owners.indices.map { row in
      if let known, known[row] >= asOf { return -1 }
      return places[Int(owners[row])]
    }
  }

  /// The rows that lie in a window before an as-of.
  /// - Parameters:
  ///   - starts: where the windows begin, that of the shortest first.
  ///   - columns: those that are needed of them.
  func inWindows(
    _ entities: Column, asOf: Instant, starts: [Int64], columns: Set<String>
  ) -> RowsInWindows {
    var rows: [Int32] = []
    var groups: [Int32] = []
    if let instants, let earliest = starts.last {
      let places = KeyMatch(of: [keys], in: [entities]).rows
      let asOf = asOf.microseconds
      let windowCount = Int32(starts.count)
      let atMost = instants.count { $0 < asOf && $0 >= earliest }
      rows.reserveCapacity(atMost)
      groups.reserveCapacity(atMost)
      for row in instants.indices {
        let instant = instants[row]
        guard instant < asOf, instant >= earliest else { continue }
        let place = places[Int(owners[row])]
        guard place >= 0, known.map({ $0[row] < asOf }) ?? true else { continue }
        var window: Int32 = 0
        while instant < starts[Int(window)] { window += 1 }
        rows.append(Int32(row))
        groups.append(place * windowCount + window)
      }
    }
    let needed = frame.selecting(frame.schema.names.filter(columns.contains))
    return RowsInWindows(frame: needed.taking(rows), groups: groups)
  }
}

/// Rows that lie in one of several windows before an as-of.
struct RowsInWindows: Sendable {
  let frame: Frame
  /// Of each entity a group for each window, into which fall the rows that are in this one but not in
  /// the one before.
  let groups: [Int32]
}
