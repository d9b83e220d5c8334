import Diagnostics
import Expressions
import Frames
import PipelineFiles
import Relations

/// Every value of a column that is not null stands in a column of another stage.
struct RelationshipCheck: DataCheck {
  let column: String
  let other: StageColumn

  init?(
    _ name: Name, _ other: EntityReference, _ shape: RelationShape, _ context: PlanContext
  ) {
    guard let field = context.field(name, in: shape.schema, of: "the input"),
      let found = context.field(of: other)
    else { return nil }
    guard field.type.isSameKey(as: found.type) else {
      context.report.error(
        .wrongType,
        "'\(name.text)' is of type \(field.type.sqlName), "
          + "'\(found.name)' of stage '\(other.stage.text)' of type \(found.type.sqlName)",
        at: name.span, help: "cast one of them where it is extracted")
      return nil
    }
    column = name.text
    self.other = StageColumn(other.stage.text, other.column.text)
  }

  var reads: Set<String> { [column] }
  var othersRead: [StageColumn] { [other] }

  func violation(in data: CheckedData) throws -> Violation? {
    let values = try data.rows.column(column)
    let others = try data.rows(of: other.stage).column(other.column)
    let match = KeyMatch(of: [values], in: [others])
    let missing = match.rows.indices.count { match.rows[$0] < 0 && !values.isNull($0) }
    guard missing > 0 else { return nil }
    return Violation(
      message: "expected every \(column) to stand in \(other), found \(missing) of "
        + "\(data.rows.rowCount) rows whose does not",
      help:
        "find out which side lacks rows: an inner join to stage \(other.stage) leaves these out",
      offending: .missing(column, other))
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
