import Diagnostics
import PipelineFiles
import Relations

extension CheckExpectation.SumsAgree {
  /// The typed check; nil where something is wrong, which the report then says.
  func plan(_ shape: RelationShape, _ context: PlanContext) -> RowCheck? {
    guard let field = context.field(column, in: shape.schema, of: "the input"),
      let found = context.field(of: with)
    else { return nil }
    for (field, name) in [(field, column), (found, with.column)]
    where !field.type.isNumber {
      context.report.error(
        .wrongType, "'\(field.name)' is of type \(field.type.sqlName), not a number",
        at: name.span, help: "name a column of numbers")
    }
    guard field.type.isNumber, found.type.isNumber else { return nil }
    return .sumsAgree(
      SumsCheck(
        column: field.name, other: StageColumn(with.stage.text, found.name),
        within: within.fraction))
  }
}
