import Expressions
import Frames
import PipelineFiles
import Relations

/// Removes rows for a reason.
struct Reject: Record, CleanStepKind {
  static let name = "reject"
  static let about = "Removes rows for a reason, and counts them."
  let condition: Expression
  let reason: Phrase

  init(_ keys: inout Keys) {
    condition = keys("where", "Rows for which this is true are removed.")
    reason = keys("reason", "Why, for the report.")
  }

  var canReject: Bool { true }

  func plan(_ shape: inout RelationShape, _ context: PlanContext) -> RowStep? {
    condition.typed(in: shape.schema, as: .bool, "where", context.report)
      .map { .reject(.init(condition: $0, reason: reason.text)) }
  }
}
