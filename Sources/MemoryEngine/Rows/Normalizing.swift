import Expressions
import Frames
import Relations

extension RowStep.Normalize: RowOperation {
  func apply(to frame: Frame, in context: EvaluationContext) throws -> RowOutcome {
    var result = frame
    var isChanged = [Bool](repeating: false, count: frame.rowCount)
    var unreadable: [(column: String, count: Int)] = []
    for field in fields {
      let mapped = MappedTexts(try frame.column(field.name), form.apply)
      for row in mapped.fates.indices where mapped.fates[row] != .same { isChanged[row] = true }
      if form.canFail {
        unreadable.append((field.name, mapped.fates.count { $0 == .lost }))
      }
      result = result.setting(field, to: mapped.column)
    }
    return RowOutcome(
      frame: result, changed: isChanged.count { $0 }, unreadable: unreadable)
  }
}
