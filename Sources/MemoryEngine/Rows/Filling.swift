import Expressions
import Frames
import Relations

extension RowStep.Fill: RowOperation {
  func apply(to frame: Frame, in context: EvaluationContext) throws -> RowOutcome {
    let column = try frame.column(field.name)
    guard column.nullCount > 0 else { return RowOutcome(frame: frame, changed: 0) }
    let nulls = (0..<Int32(column.count)).filter { column.isNull(Int($0)) }
    let donor: Column
    switch source {
    case .expression(let expression):
      donor = try expression.evaluate(over: frame.taking(nulls), in: context)
    case .statistic(let statistic):
      guard let row = chosenRow(statistic, column) else {
        return RowOutcome(frame: frame, changed: 0)
      }
      donor = column.taking(Array(repeating: row, count: nulls.count))
    }
    // The filled rows come from behind the column: rows, then donors in their order.
    var rows = Array(0..<Int32(column.count))
    for (place, row) in nulls.enumerated() { rows[Int(row)] = Int32(column.count + place) }
    let filled = Column.concatenating([column, donor]).taking(rows)
    return RowOutcome(
      frame: frame.setting(field, to: filled), changed: column.nullCount - filled.nullCount)
  }

  /// A row that holds the statistic; nil where all values are null.
  private func chosenRow(_ statistic: Statistic, _ column: Column) -> Int32? {
    let order = Frame(schema: Schema([field]), columns: [column], rowCount: column.count)
      .order(by: [SortColumn(field.name)], labels: field.labels)
    let valid = order.filter { !column.isNull(Int($0)) }
    guard !valid.isEmpty else { return nil }
    if statistic == .median { return valid[(valid.count - 1) / 2] }
    let grouping = Grouping(by: [column], rowCount: column.count)
    var sizes = [Int](repeating: 0, count: grouping.count)
    for row in valid { sizes[Int(grouping.groups[Int(row)])] += 1 }
    let largest = sizes.max()
    return valid.first { sizes[Int(grouping.groups[Int($0)])] == largest }
  }
}
