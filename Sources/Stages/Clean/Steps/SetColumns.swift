import Diagnostics
import Expressions
import Frames
import PipelineFiles
import Relations

/// Gives columns the values of expressions, all of which see the row as it was before the step.
struct SetColumns: CleanStepKind, ReadAs {
  static let name = "set"
  static let about = "Gives columns the value of an expression."
  let assignments: EntriesByName<ColumnName, Expression>

  init(_ written: EntriesByName<ColumnName, Expression>) { assignments = written }

  func plan(_ shape: inout RelationShape, _ context: PlanContext) -> RowStep? {
    let before = context.report.errorCount
    var typed: [(Field, TypedExpression)] = []
    for assignment in assignments.entries {
      let name = assignment.name
      guard let expression = assignment.value.typed(in: shape.schema, context.report) else {
        continue
      }
      context.refuseChange(of: name, in: shape)
      var made = expression.made(
        name.text, in: shape.schema, about: shape.schema[name.text]?.about)
      if expression.columns.isEmpty { made.followsAsOf = expression.dependsOnAsOf }
      typed.append((made, expression))
    }
    guard context.report.errorCount == before, typed.count == assignments.entries.count else {
      for assignment in assignments.entries { shape.schema.markUnknown(assignment.name.text) }
      return nil
    }
    return .assign(.init(typed.map { .init(field: $0, expression: $1) }))
  }
}
