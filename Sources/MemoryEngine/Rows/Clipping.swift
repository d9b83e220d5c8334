import Expressions
import Frames
import Relations

extension RowStep.Clip: FittedOperation {
  func apply(to frame: Frame, in context: EvaluationContext) throws -> RowOutcome {
    let (clipped, changed) = clipped(try frame.column(field.name), nil)
    return RowOutcome(frame: frame.setting(field, to: clipped), changed: changed)
  }

  func apply(to frame: Frame, fittedTo seen: [Bool]?) throws -> Frame {
    frame.setting(field, to: clipped(try frame.column(field.name), seen).column)
  }

  private func clipped(_ column: Column, _ seen: [Bool]?) -> (column: Column, changed: Int) {
    interpolates
      ? column.clipped(between: lower, and: upper, of: seen)
      : column.clipped(from: lower, to: upper, of: seen)
  }
}
