import Expressions
import Frames
import PipelineFiles

/// Removes rows for a reason.
struct Reject: Record {
  static let about = "Removes rows for a reason, and counts them."
  let condition: Expression
  let reason: Phrase

  init(_ keys: inout Keys) {
    condition = keys("where", "Rows for which this is true are removed.")
    reason = keys("reason", "Why, for the report.")
  }

  func plan(_ shape: RelationShape, _ context: PlanContext) -> RejectOperation? {
    condition.typed(in: shape.schema, as: .bool, "where", context.report)
      .map { RejectOperation(condition: $0, reason: reason.text) }
  }
}

struct RejectOperation: CleanOperation {
  let condition: TypedExpression
  let reason: String

  var reads: Set<String>? {
    condition.columns
  }
  var isAsOf: Bool { condition.dependsOnAsOf }
  var label: String { "reject \(reason)" }

  func apply(to frame: Frame, in context: EvaluationContext) throws -> CleanOutcome {
    let isBad = try condition.selection(over: frame, in: context)
    var rejections = Rejections(rowCount: frame.rowCount)
    for row in isBad.indices where isBad[row] { rejections.reject(row, reason) }
    return rejections.outcome(of: frame, from: frame, changed: isBad.count { $0 })
  }
}
