import Diagnostics
import Expressions
import Frames
import PipelineFiles
import Relations

extension PlanContext {
  /// Warns of columns whose value of today is not what was known at a past instant, and refuses those that
  /// are made from many rows.
  /// - Parameter viewer: who sees it: "past cutoffs see".
  func warnOfTodaysValues(
    in expression: Expression, _ relation: RelationShape, of stage: StageName, _ viewer: String
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
        report.error(
          .otherRows,
          "'\(field.name)' is worked out from many rows by a SELECT: "
            + "\(viewer) a value made from later rows too",
          at: reference.span, help: Self.helpForOtherRows)
      }
    }
  }

  /// Refuses a stage whose rows are there or not because of other rows.
  func refuseChosenRows(_ relation: RelationShape, of stage: StageName, _ viewer: String) {
    guard let choice = relation.chosenBy else { return }
    report.error(
      .otherRows,
      choice == ":as_of"
        ? "which rows stage '\(stage.text)' has depends on ':as_of' in a SELECT: \(viewer) those of "
          + "the run's own as-of"
        : "which rows stage '\(stage.text)' has depends on other rows, by \(choice): "
          + "\(viewer) what later rows decided",
      at: stage.span, help: Self.helpForOtherRows)
  }

  /// Refuses a column by which rows are found where many rows decide what it holds.
  func refuseFound(
    by column: String?, _ relation: RelationShape, of stage: StageName, _ viewer: String
  ) {
    guard let column, relation.schema[column]?.isFromManyRows == true else { return }
    report.error(
      .otherRows,
      "'\(column)' names the entity and is worked out from many rows by a SELECT: "
        + "\(viewer) what later rows decided",
      at: stage.span, help: Self.helpForOtherRows)
  }

  private static let helpForOtherRows =
    "extract the rows themselves, and compute it from them under windowed: or ever:; or say in the "
    + "extract why each row holds what was known at its own time: point_in_time: REASON"
}

extension TypedExpression {
  /// A column that holds its values: what the columns are that it reads goes on to it, but for what its type
  /// says better.
  func made(_ name: String, in schema: Schema, about: String? = nil) -> Field {
    var made = Field.made(name, type, from: columns.compactMap { schema[$0] }, about: about)
    made.isNullable = isNullable
    made.isPersonal = isPersonal
    made.labels = labels
    return made
  }
}
