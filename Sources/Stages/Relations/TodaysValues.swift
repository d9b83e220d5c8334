import Diagnostics
import Expressions
import Frames
import PipelineFiles

extension PlanContext {
  /// Warns of columns whose value of today is not what was known at a past instant.
  /// - Parameter viewer: who sees it: "past cutoffs see".
  func warnOfTodaysValues(
    in expression: Expression, _ relation: RelationShape, of stage: Name, _ viewer: String
  ) {
    for reference in expression.columnReferences {
      guard let field = relation.schema[reference.name] else { continue }
      if field.changesInPlace {
        report.warning(
          .todaysValue, "'\(field.name)' changes in place: \(viewer) its value of today",
          at: reference.span,
          help: "stage '\(stage.text)' has this from changes: or timeless: in an extract")
      }
      if field.isFromManyRows {
        report.warning(
          .todaysValue,
          "'\(field.name)' is worked out from many rows by a SELECT that aggregates: "
            + "\(viewer) a value made from later rows too",
          at: reference.span,
          help: "extract the rows themselves, and compute it from them under windowed: or ever:")
      }
    }
  }
}

extension Schema {
  /// Whether any of the columns has what is asked for, which an expression of them then has too.
  func any(of columns: some Sequence<String>, _ property: (Field) -> Bool) -> Bool {
    columns.contains { self[$0].map(property) ?? false }
  }
}
