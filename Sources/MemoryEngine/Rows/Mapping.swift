import Expressions
import Frames
import Relations

extension RowStep.Map: RowOperation {
  func apply(to frame: Frame, in context: EvaluationContext) throws -> RowOutcome {
    let old = try frame.column(field.name)
    var rejections = Rejections(rowCount: frame.rowCount)
    if rejects, case .text(let codes, let dictionary) = old.values {
      let isKnown = (0..<Int32(dictionary.count)).map { table[Array(dictionary.utf8($0))] != nil }
      for row in codes.indices where !old.isNull(row) && !isKnown[Int(codes[row])] {
        rejections.reject(row, reason)
      }
    }
    let mapped = MappedTexts(old) { text in
      table[Array(text.utf8)] ?? (otherwise == .null ? nil : text)
    }
    let changed = mapped.fates.indices.count {
      mapped.fates[$0] != .same || rejections.contains($0)
    }
    return rejections.outcome(
      of: frame.setting(field, to: mapped.column), from: frame, changed: changed)
  }
}
