import Expressions
import Frames
import Relations

/// Joins the right side, as it is known at an as-of, to the rows of the left.
public struct JoinOperation: RowOperation {
  let join: Join
  let right: SourceRelation
  /// What the sides are called, in messages.
  let names: (left: String, right: String)
  /// Of what comes out.
  let schema: Schema

  func apply(to frame: Frame, in context: EvaluationContext) async throws -> RowOutcome {
    let joined = try await joined(frame, asOf: context.asOf, zone: context.zone)
    return RowOutcome(frame: joined.frame, changed: frame.rowCount)
  }

  /// - Parameter zone: the zone of the left's times.
  func joined(
    _ left: Frame, asOf: Instant, zone: CalendarZone
  ) async throws -> (frame: Frame, unmatched: Int) {
    // A row of the left may be older than what is valid now.
    let searched =
      try await join.validity == nil ? right.frame(asOf: asOf) : right.history(asOf: asOf)
    let pairs = try pairs(left, searched, zone: zone)
    let unmatched = pairs.right.count { $0 < 0 }
    var rows = pairs.left
    var found = pairs.right
    if join.isInner, unmatched > 0 {
      rows = zip(pairs.left, pairs.right).filter { $1 >= 0 }.map(\.0)
      found = pairs.right.filter { $0 >= 0 }
    }
    let isWhole = rows.count == left.rowCount && rows.indices.allSatisfy { rows[$0] == $0 }
    var frame = isWhole ? left : left.taking(rows)
    for added in join.columns {
      guard let field = schema[added.name] else { continue }
      frame = frame.setting(field, to: try searched.column(added.column).taking(found))
    }
    return (frame, unmatched)
  }

  /// Rows of the left with rows of the right, -1 where there is none.
  private func pairs(
    _ left: Frame, _ searched: Frame, zone: CalendarZone
  ) throws -> (left: [Int32], right: [Int32]) {
    let keys = try join.on.map { try left.column($0.left) }
    let others = try join.on.map { try searched.column($0.right) }
    let all = Array(0..<Int32(left.rowCount))
    if let validity = join.validity {
      let valid = try ValidRows(validity, of: self, searched, zone: right.zone)
      let times = try left.column(validity.column)
      let found = valid.rows(
        matching: KeyLists(of: keys, in: valid.keys), at: times.instants(in: zone) ?? [],
        isKnown: { !times.isNull($0) })
      return (all, found)
    }
    guard join.cardinality == .many else {
      let match = KeyMatch(of: keys, in: others)
      if match.duplicate != nil { throw severalRows(others, of: searched.rowCount) }
      return (all, match.rows)
    }
    let lists = KeyLists(of: keys, in: others)
    var rows: [Int32] = []
    var found: [Int32] = []
    for row in all {
      let list = lists[Int(row)]
      rows += Array(repeating: row, count: max(1, list.count))
      if list.isEmpty { found.append(-1) } else { found += list }
    }
    return (rows, found)
  }
}

extension JoinOperation {
  /// Why the columns that agree do not find one row each.
  fileprivate func severalRows(_ keys: [Column], of count: Int) -> StageFailure {
    let whole = (0..<count).filter { row in !keys.contains { $0.isNull(row) } }.map(Int32.init)
    let grouping = Grouping(by: keys.map { $0.taking(whole) }, rowCount: whole.count)
    let columns = join.on.map(\.right).joined(separator: ", ")
    return StageFailure(
      "stage \(names.right) has several rows for one \(columns): "
        + "\(whole.count - grouping.count) of \(count) rows repeat one before",
      help: "deduplicate it by \(columns) in a clean stage, or say many: true to multiply the rows "
        + "of stage \(names.left)")
  }
}
