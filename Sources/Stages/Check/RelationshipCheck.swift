import Diagnostics
import Frames
import PipelineFiles
import Relations

extension EntityReference {
  /// The typed check that values of a column stand there; nil where something is wrong, which the report
  /// then says.
  func planRelationship(
    of name: ColumnName, _ shape: RelationShape, _ context: PlanContext
  ) -> RowCheck? {
    guard let field = context.field(name, in: shape.schema, of: "the input"),
      let found = context.field(of: self)
    else { return nil }
    guard field.type.isSameKey(as: found.type) else {
      context.report.error(
        .wrongType,
        "'\(name.text)' is of type \(field.type.sqlName), "
          + "'\(found.name)' of stage '\(stage.text)' of type \(found.type.sqlName)",
        at: name.span, help: "cast one of them where it is extracted")
      return nil
    }
    return .relationship(name.text, StageColumn(stage.text, column.text))
  }
}

extension PlanContext {
  /// The field of a column of another stage; nil, with a message, where it is not there.
  func field(of reference: EntityReference) -> Field? {
    relation(reference.stage).flatMap {
      field(reference.column, in: $0.schema, of: "stage '\(reference.stage.text)'")
    }
  }
}
