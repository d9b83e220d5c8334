import Frames
import Relations

/// Rows that are valid from an instant on, until another or for ever, in the order of the first.
struct ValidRows {
  /// The columns by which they are looked up, in this order of the rows.
  let keys: [Column]
  /// Rows of the frame that they came from.
  private let rows: [Int32]
  private let starts: [Int64]
  /// Exclusive; nil for ever.
  private let ends: [Int64?]

  /// Leaves out rows that are never valid.
  /// - Throws: `StageFailure` where two rows of one key begin at the same instant.
  init(
    _ validity: Join.Validity, of join: JoinOperation, _ frame: Frame, zone: CalendarZone
  ) throws {
    let from = try frame.column(validity.from)
    let starts = from.instants(in: zone) ?? []
    let until = try validity.until.map { try frame.column($0) }
    let ends = until?.instants(in: zone)
    func end(_ row: Int) -> Int64? { until?.isNull(row) == false ? ends?[row] : nil }
    let valid = starts.indices.filter { row in
      !from.isNull(row) && end(row).map { $0 > starts[row] } ?? true
    }
    let sorted = valid.sorted { (starts[$0], $0) < (starts[$1], $1) }
    let rows = sorted.map(Int32.init)
    self.rows = rows
    self.starts = sorted.map { starts[$0] }
    self.ends = sorted.map(end)
    keys = try join.join.on.map { try frame.column($0.right).taking(rows) }
    try check(join, validity)
  }

  private func check(_ join: JoinOperation, _ validity: Join.Validity) throws {
    let whole = rows.indices.filter { row in !keys.contains { $0.isNull(row) } }.map(Int32.init)
    let begins = Column(type: .int8, values: .int64(starts))
    let grouping = Grouping(
      by: (keys + [begins]).map { $0.taking(whole) }, rowCount: whole.count)
    guard grouping.count < whole.count else { return }
    let names = join.join.on.map(\.right).joined(separator: ", ")
    throw StageFailure(
      "stage \(join.names.right) has several rows for one \(names) that are valid from the same instant: "
        + "\(whole.count - grouping.count) of \(whole.count) rows repeat one before",
      help: "deduplicate it by \(names), \(validity.from) in a clean stage")
  }

  /// For each looked up row the one that was valid at its time: of several the one that began last;
  /// -1 for none.
  func rows(
    matching lists: KeyLists, at times: [Int64], isKnown: (Int) -> Bool
  ) -> [Int32] {
    (0..<lists.count).map { row in
      guard isKnown(row) else { return -1 }
      let list = lists[row]
      let time = times[row]
      // The first that begins later.
      var low = list.startIndex
      var high = list.endIndex
      while low < high {
        let middle = (low + high) / 2
        if starts[Int(list[middle])] <= time { low = middle + 1 } else { high = middle }
      }
      let found = list[..<low].last { ends[Int($0)].map { time < $0 } ?? true }
      return found.map { rows[Int($0)] } ?? -1
    }
  }
}
