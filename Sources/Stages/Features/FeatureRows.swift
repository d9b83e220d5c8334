import Expressions
import Frames

/// The rows that one source's features are worked out from, with what is the same of them at every
/// as-of.
struct FeatureRows: Sendable {
  let frame: Frame
  /// For each row the place of its entity in `keys`; -1 for a row that names none or does not count.
  let owners: [Int32]
  /// Each entity that a row names, once.
  let keys: Column
  /// From when each row is seen, in microseconds since 2000-01-01; nil where all are.
  let known: [Int64]?
  /// When each row happened; nil for a source without time.
  let instants: [Int64]?
  let cache = EvaluationCache()

  init(
    _ source: FeatureSourcePlan, _ frame: Frame, known: [Int64]?, in context: EvaluationContext
  ) throws(EvaluationError) {
    self.frame = frame
    self.known = known
    instants = source.time.flatMap { frame[$0]?.instants(in: context.zone) }
    guard let key = frame[source.entityColumn] else {
      owners = Array(repeating: -1, count: frame.rowCount)
      keys = frame.columns[0].taking([])
      return
    }
    let grouping = Grouping(by: [key], rowCount: frame.rowCount)
    keys = key.taking(grouping.firstRows)
    var owners = grouping.groups
    if key.nullCount > 0 {
      for row in owners.indices where key.isNull(row) { owners[row] = -1 }
    }
    if let counts = try source.condition?.selection(over: frame, in: context) {
      for row in owners.indices where !counts[row] { owners[row] = -1 }
    }
    self.owners = owners
  }

  /// The group of each row at an as-of, for aggregates over all rows: the place of its entity among
  /// `entities`; -1 for a row that does not count.
  func groups(_ entities: Column, asOf: Instant) -> [Int32] {
    let places = KeyMatch(of: [keys], in: [entities]).rows
    let asOf = asOf.microseconds
    return map { row, owner in
      if let known, known[row] >= asOf { return -1 }
      return places[owner]
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
        guard instant < asOf, instant >= earliest, owners[row] >= 0 else { continue }
        let place = places[Int(owners[row])]
        guard place >= 0, known.map({ $0[row] < asOf }) ?? true else { continue }
        var window: Int32 = 0
        while instant < starts[Int(window)] { window += 1 }
        rows.append(Int32(row))
        groups.append(place * windowCount + window)
      }
    }
    let needed = frame.schema.names.filter(columns.contains)
    return RowsInWindows(frame: frame.selecting(needed).taking(rows), groups: groups)
  }

  /// A number for each row, -1 for those without an owner.
  private func map(_ number: (_ row: Int, _ owner: Int) -> Int32) -> [Int32] {
    [Int32](unsafeUninitializedCapacity: owners.count) { numbers, count in
      for row in owners.indices {
        let owner = Int(owners[row])
        numbers.initializeElement(at: row, to: owner < 0 ? -1 : number(row, owner))
      }
      count = owners.count
    }
  }
}

/// Rows that lie in one of several windows before an as-of.
struct RowsInWindows: Sendable {
  let frame: Frame
  /// Of each entity a group for each window, into which fall the rows that are in this one but not in
  /// the one before.
  let groups: [Int32]
}
