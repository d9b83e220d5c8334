import Diagnostics
import Expressions
import Frames
import PipelineFiles
import Relations

/// Keeps one row of those that agree in some columns.
struct Deduplicate: Record, CleanStepKind {
  static let name = "deduplicate"
  static let about = "Keeps one row of those that agree in some columns."
  let by: OneOrMany<ColumnName>
  let keep: RowStep.Deduplicate.Kept
  let order: ColumnName?

  init(_ keys: inout Keys) {
    by = keys("by", "Columns that agree.")
    keep = keys("keep", "Which row stays.", default: .latest, shown: "latest")
    order = keys(
      "order", "Column that orders the rows; the relation's time when left out.", such: "updated_at"
    )
  }

  func plan(_ shape: inout RelationShape, _ context: PlanContext) -> RowStep? {
    let fields = by.values.map { context.field($0, in: shape.schema, of: "the input") }
    if let order, context.field(order, in: shape.schema, of: "the input") == nil { return nil }
    guard !fields.contains(nil) else { return nil }
    guard let column = order?.text ?? shape.time else {
      context.report.error(
        .missingTime, "the input has no time to order by", at: by.values.first?.span,
        help: "say order: with a column")
      return nil
    }
    return .deduplicate(
      .init(
        by: by.values.map(\.text), keep: keep, order: column,
        labels: shape.schema[column]?.labels))
  }
}

extension RowStep.Deduplicate.Kept: Choice {}
