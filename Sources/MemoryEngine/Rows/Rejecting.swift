import Expressions
import Frames
import Relations

extension RowStep.Reject: RowOperation {
  func apply(to frame: Frame, in context: EvaluationContext) throws -> RowOutcome {
    let isBad = try condition.selection(over: frame, in: context)
    var rejections = Rejections(rowCount: frame.rowCount)
    for row in isBad.indices where isBad[row] { rejections.reject(row, reason) }
    return rejections.outcome(of: frame, from: frame, changed: isBad.count { $0 })
  }
}
