import Diagnostics
import Frames
import PipelineFiles
import Relations

extension PlanContext {
  /// The column of a relation that names the entity: the one that is written, or the one that has the
  /// entity's own name. Nil, with a message, where it is not there or of another kind.
  func entityColumn(
    _ written: ColumnName?, like entity: Field, in relation: RelationShape, of stage: StageName
  ) -> String? {
    let column = written?.text ?? entity.name
    let span = written?.span ?? stage.span
    guard let field = relation.schema[column] else {
      report.error(
        .unknownColumn, "stage '\(stage.text)' has no column '\(column)' that names the entity",
        at: span,
        help: written == nil
          ? "say entity: with the column's name"
          : Suggestion.help(forColumn: column, in: relation.schema))
      return nil
    }
    guard field.type.isSameKey(as: entity.type) else {
      report.error(
        .wrongType,
        "'\(column)' is of type \(field.type.sqlName), the entity of type \(entity.type.sqlName)",
        at: span, help: "cast one of them where it is extracted")
      return nil
    }
    return column
  }

  /// Reports a step that would change what identifies a row or says when it is known.
  func refuseChange(of name: ColumnName, in shape: RelationShape) {
    let times = [shape.time, shape.arrived, shape.validTo].compactMap { $0 }
    guard shape.key.contains(name.text) || times.contains(name.text) else { return }
    let other = "new_\(name.text)"
    report.error(
      .keyChanged,
      "'\(name.text)' \(shape.key.contains(name.text) ? "identifies the rows" : "says when a row is known") "
        + "and cannot be changed", at: name.span,
      help:
        "copy it with set: { \(other): \(ColumnSQL.name(name.text)) } in a step before, and change "
        + "'\(other)'; or change it in the SELECT of the extract")
  }
}
