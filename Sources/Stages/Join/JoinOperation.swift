import Expressions
import Frames
import PipelineFiles

/// Joins the right side, as it is known at an as-of, to the rows of the left.
struct JoinOperation: CleanOperation {
  let plan: JoinPlan
  let right: SourceRelation

  var isAsOf: Bool { true }
  var label: String { "join \(plan.right)" }

  func apply(to frame: Frame, in context: EvaluationContext) async throws -> CleanOutcome {
    let joined = try await join(frame, asOf: context.asOf, zone: context.zone)
    return CleanOutcome(frame: joined.frame, changed: frame.rowCount)
  }

  /// - Parameter zone: the zone of the left's times.
  func join(
    _ left: Frame, asOf: Instant, zone: CalendarZone
  ) async throws -> (frame: Frame, unmatched: Int) {
    // A row of the left may be older than what is valid now.
    let searched =
      try await plan.asOf == nil ? right.frame(asOf: asOf) : right.history(asOf: asOf)
    let pairs = try pairs(left, searched, zone: zone)
    let unmatched = pairs.right.count { $0 < 0 }
    var rows = pairs.left
    var found = pairs.right
    if plan.isInner, unmatched > 0 {
      rows = zip(pairs.left, pairs.right).filter { $1 >= 0 }.map(\.0)
      found = pairs.right.filter { $0 >= 0 }
    }
    let isWhole = rows.count == left.rowCount && rows.indices.allSatisfy { rows[$0] == $0 }
    let kept = isWhole ? left : left.taking(rows)
    let added = plan.columns.compactMap { searched[$0.column]?.taking(found) }
    let frame = Frame(
      schema: plan.relation.schema, columns: kept.columns + added, rowCount: rows.count)
    return (frame, unmatched)
  }

  /// Rows of the left with rows of the right, -1 where there is none.
  private func pairs(
    _ left: Frame, _ searched: Frame, zone: CalendarZone
  ) throws -> (left: [Int32], right: [Int32]) {
    let keys = plan.on.compactMap { left[$0.left] }
    let others = plan.on.compactMap { searched[$0.right] }
    let all = Array(0..<Int32(left.rowCount))
    if let asOf = plan.asOf {
      let validity = try ValidRows(asOf, of: plan, searched, zone: right.zone)
      let times = left[asOf.column]
      let found = validity.rows(
        matching: KeyLists(of: keys, in: validity.keys), at: times?.instants(in: zone) ?? [],
        isKnown: { times?.isNull($0) == false })
      return (all, found)
    }
    guard plan.cardinality == .many else {
      let match = KeyMatch(of: keys, in: others)
      if match.duplicate != nil { throw plan.severalRows(others, of: searched.rowCount) }
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

extension JoinPlan {
  /// Why the columns that agree do not find one row each.
  fileprivate func severalRows(_ keys: [Column], of count: Int) -> StageFailure {
    let whole = (0..<count).filter { row in !keys.contains { $0.isNull(row) } }.map(Int32.init)
    let grouping = Grouping(by: keys.map { $0.taking(whole) }, rowCount: whole.count)
    let names = on.map(\.right).joined(separator: ", ")
    return StageFailure(
      "stage \(right) has several rows for one \(names): "
        + "\(whole.count - grouping.count) of \(count) rows repeat one before",
      help: "deduplicate it by \(names) in a clean stage, or say many: true to multiply the rows "
        + "of stage \(left)")
  }
}
