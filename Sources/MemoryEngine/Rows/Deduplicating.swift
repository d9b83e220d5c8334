import Expressions
import Frames
import Relations

extension RowStep.Deduplicate: RowOperation {
  func apply(to frame: Frame, in context: EvaluationContext) throws -> RowOutcome {
    let grouping = Grouping(by: try by.map(frame.column), rowCount: frame.rowCount)
    var sizes = [Int32](repeating: 0, count: grouping.count)
    for group in grouping.groups { sizes[Int(group)] += 1 }
    let doubtful = (0..<Int32(frame.rowCount)).filter { sizes[Int(grouping.groups[Int($0)])] > 1 }
    guard !doubtful.isEmpty else { return RowOutcome(frame: frame, changed: 0) }
    var mask = grouping.groups.map { sizes[Int($0)] == 1 }
    let ranked = frame.taking(doubtful)
      .order(by: [SortColumn(order, descending: keep == .latest)], labels: labels)
    var isChosen = [Bool](repeating: false, count: grouping.count)
    for place in ranked {
      let row = Int(doubtful[Int(place)])
      let group = Int(grouping.groups[row])
      if !isChosen[group] {
        isChosen[group] = true
        mask[row] = true
      }
    }
    let kept = frame.filtered(by: mask)
    return RowOutcome(frame: kept, changed: frame.rowCount - kept.rowCount)
  }
}
