import Expressions
import Frames
import Relations

extension RowStep.Sequence: RowOperation {
  func apply(to frame: Frame, in context: EvaluationContext) throws -> RowOutcome {
    let grouping = Grouping(by: try by.map(frame.column), rowCount: frame.rowCount)
    let ranked = frame.order(by: [SortColumn(order)], labels: labels)
    // Of each row the one before it in its entity; -1 for the first.
    var before = [Int32](repeating: -1, count: frame.rowCount)
    var last = [Int32](repeating: -1, count: grouping.count)
    for row in ranked {
      let group = Int(grouping.groups[Int(row)])
      before[Int(row)] = last[group]
      last[group] = row
    }
    var result = frame
    for made in made {
      let column =
        switch made.value {
        case .number: numbers(ranked, before) { _, _ in true }
        case .previous(let column): try frame.column(column).taking(before)
        case .session(let gap): try sessions(frame, ranked, before, gap, context.zone)
        }
      result = result.setting(made.field, to: column)
    }
    return RowOutcome(frame: result, changed: frame.rowCount)
  }

  /// How often something held up to a row, its own included; for an entity's first it always holds.
  private func numbers(
    _ ranked: [Int32], _ before: [Int32], where holds: (Int, Int) -> Bool
  ) -> Column {
    var numbers = [Int64](repeating: 1, count: before.count)
    for row in ranked.map(Int.init) where before[row] >= 0 {
      let previous = Int(before[row])
      numbers[row] = numbers[previous] + (holds(previous, row) ? 1 : 0)
    }
    return Column(type: .int8, values: .int64(numbers))
  }

  private func sessions(
    _ frame: Frame, _ ranked: [Int32], _ before: [Int32], _ gap: Int64, _ zone: CalendarZone
  ) throws -> Column {
    let column = try frame.column(order)
    guard case .int64(let values) = column.values, column.type.isTime else {
      throw StageFailure.wrongColumn(order, "a time", found: column.type)
    }
    // Between two times of one type; those of dates are whole days.
    let unit = column.type == .date ? Instant.microsecondsPerDay : 1
    return numbers(ranked, before) { previous, row in
      guard !column.isNull(row), !column.isNull(previous), values[row] != values[previous] else {
        return false
      }
      // An infinity is further away than any gap.
      if values[row] == .max || values[previous] == .min { return true }
      return Int128(values[row]) * Int128(unit) - Int128(values[previous]) * Int128(unit)
        > Int128(gap)
    }
  }
}
