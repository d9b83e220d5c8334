import Diagnostics
import PipelineFiles
import Relations

extension CheckExpectation.Fresh {
  /// The typed check; nil where something is wrong, which the report then says.
  func plan(_ shape: RelationShape, _ context: PlanContext) -> RowCheck? {
    guard let field = context.field(column, in: shape.schema, of: "the input") else {
      return nil
    }
    guard field.type.isTime else {
      context.report.error(
        .wrongType, "column '\(field.name)' is of type \(field.type.sqlName), not a time",
        at: column.span, help: "name a date, timestamp or timestamptz column")
      return nil
    }
    return .fresh(
      FreshCheck(column: field.name, within: within.span, isPersonal: field.isPersonal))
  }
}
