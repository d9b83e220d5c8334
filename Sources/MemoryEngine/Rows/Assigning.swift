import Expressions
import Frames
import Relations

extension RowStep.Assign: RowOperation {
  func apply(to frame: Frame, in context: EvaluationContext) throws -> RowOutcome {
    var result = frame
    var isChanged = [Bool](repeating: false, count: frame.rowCount)
    for setting in settings {
      let column = try setting.expression.evaluate(over: frame, in: context)
      if let old = frame[setting.field.name], old.type == column.type {
        old.markDifferences(from: column, in: &isChanged)
      } else {
        isChanged = Array(repeating: true, count: frame.rowCount)
      }
      result = result.setting(setting.field, to: column)
    }
    return RowOutcome(frame: result, changed: isChanged.count { $0 })
  }
}

extension Column {
  /// Marks the rows in which a column of the same type and length differs.
  func markDifferences(from other: Column, in marks: inout [Bool]) {
    let both = Grouping(
      by: [Column.concatenating([self, other])], rowCount: count + other.count
    ).groups
    for row in 0..<count where both[row] != both[row + count] { marks[row] = true }
  }
}
