import Expressions
import Frames
import Relations

extension RowStep.Read: RowOperation {
  func apply(to frame: Frame, in context: EvaluationContext) throws -> RowOutcome {
    var result = frame
    var isChanged = [Bool](repeating: false, count: frame.rowCount)
    var rejections = Rejections(rowCount: frame.rowCount)
    var unreadable: [(column: String, count: Int)] = []
    for field in fields {
      let old = try frame.column(field.name)
      guard case .text(let codes, let dictionary) = old.values,
        let reading = TextReading(as: field.type)
      else { throw StageFailure.wrongColumn(field.name, "text", found: old.type) }
      // Once for each distinct text.
      let column = reading.values(of: dictionary, in: context.zone)
        .taking(codes.indices.map { old.isNull($0) ? -1 : codes[$0] })
      var count = 0
      for row in codes.indices where !old.isNull(row) {
        isChanged[row] = true
        guard column.isNull(row) else { continue }
        count += 1
        if rejects {
          rejections.reject(row, reason(of: field))
        }
      }
      unreadable.append((field.name, count))
      result = result.setting(field, to: column)
    }
    return rejections.outcome(
      of: result, from: frame, changed: isChanged.count { $0 }, unreadable: unreadable)
  }
}
