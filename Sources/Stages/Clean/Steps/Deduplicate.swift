import Diagnostics
import Expressions
import Frames
import PipelineFiles

/// Keeps one row of those that agree in some columns.
struct Deduplicate: Record {
  static let about = "Keeps one row of those that agree in some columns."
  let by: OneOrMany<Name>
  let keep: Kept
  let order: Name?

  init(_ keys: inout Keys) {
    by = keys("by", "Columns that agree.")
    keep = keys("keep", "Which row stays.", default: .latest, shown: "latest")
    order = keys("order", "Column that orders the rows; the relation's time when left out.")
  }

  enum Kept: String, Choice { case latest, first }

  func plan(_ shape: RelationShape, _ context: PlanContext) -> DeduplicateOperation? {
    let fields = by.values.map { context.field($0, in: shape.schema, of: "the input") }
    if let order, context.field(order, in: shape.schema, of: "the input") == nil { return nil }
    guard !fields.contains(nil) else { return nil }
    guard let column = order?.text ?? shape.time else {
      context.report.error(
        .missingTime, "the input has no time to order by", at: by.values.first?.span,
        help: "say order: with a column")
      return nil
    }
    return DeduplicateOperation(
      by: by.values.map(\.text), keep: keep, order: column, labels: shape.schema[column]?.labels)
  }
}

struct DeduplicateOperation: CleanOperation {
  let by: [String]
  let keep: Deduplicate.Kept
  let order: String
  /// Of an enum that orders them, its labels in their order.
  let labels: [String]?

  var isAsOf: Bool { true }
  var label: String { "deduplicate by \(by.joined(separator: ", "))" }

  /// Rows that are equal in `order` too are told apart by their other columns, so that the choice
  /// does not depend on how the rows came.
  func apply(to frame: Frame, in context: EvaluationContext) throws -> CleanOutcome {
    let grouping = Grouping(by: by.compactMap { frame[$0] }, rowCount: frame.rowCount)
    var sizes = [Int32](repeating: 0, count: grouping.count)
    for group in grouping.groups { sizes[Int(group)] += 1 }
    let doubtful = (0..<Int32(frame.rowCount)).filter { sizes[Int(grouping.groups[Int($0)])] > 1 }
    guard !doubtful.isEmpty else { return CleanOutcome(frame: frame, changed: 0) }
    var mask = grouping.groups.map { sizes[Int($0)] == 1 }
    let ranked = frame.taking(doubtful)
      .order(by: [SortColumn(order, descending: keep == .latest)], labels: labels)
    var isChosen = [Bool](repeating: false, count: grouping.count)
    for place in ranked {
      let row = Int(doubtful[Int(place)])
      let group = Int(grouping.groups[row])
      if !isChosen[group] {
        isChosen[group] = true
        mask[row] = true
      }
    }
    let kept = frame.filtered(by: mask)
    return CleanOutcome(frame: kept, changed: frame.rowCount - kept.rowCount)
  }
}
