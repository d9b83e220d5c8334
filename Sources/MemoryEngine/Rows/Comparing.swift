import Expressions
import Frames
import Relations

extension RowStep.Compare: RowOperation {
  func apply(to frame: Frame, in context: EvaluationContext) throws -> RowOutcome {
    let grouping = Grouping(by: try groups.map(frame.column), rowCount: frame.rowCount)
    let usual = try usual.accumulate(
      over: frame, groups: grouping.groups, groupCount: grouping.count, in: context
    ).finish(Array(0..<grouping.count), in: context)
    let number = try number.evaluate(over: frame, in: context)
    guard case .float64(let values) = number.values, case .float64(let means) = usual.values else {
      throw StageFailure.wrongColumn(column, "float8", found: number.type)
    }
    var isKnown = number.validity ?? Array(repeating: true, count: frame.rowCount)
    var quotients = [Double](repeating: 0, count: frame.rowCount)
    for row in quotients.indices where isKnown[row] {
      let group = Int(grouping.groups[row])
      isKnown[row] = !usual.isNull(group) && means[group] != 0
      if isKnown[row] { quotients[row] = values[row] / means[group] }
    }
    let compared = Column(type: .float8, values: .float64(quotients), validity: isKnown)
    return RowOutcome(
      frame: frame.setting(field, to: compared), changed: isKnown.count { $0 })
  }
}
