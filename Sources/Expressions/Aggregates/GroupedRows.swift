import Frames

/// Rows and the group of each of them.
struct GroupedRows {
  var selection: Selection
  /// As many as there are selected rows; -1 for one that does not count.
  var groups: [Int32]

  /// Without the rows that do not count, for what could fail for them.
  func compacted() -> GroupedRows {
    guard groups.contains(-1) else { return self }
    let narrowed = selection.narrowed { groups[$0] >= 0 }
    return GroupedRows(
      selection: narrowed.selection, groups: narrowed.places.map { groups[Int($0)] })
  }

  /// The rows of some places.
  func part(_ places: Range<Int>) -> GroupedRows {
    guard case .rows(let rows) = selection, places.count < rows.count else { return self }
    return GroupedRows(selection: .rows(Array(rows[places])), groups: Array(groups[places]))
  }
}

/// What an aggregate is worked out from.
struct AggregateInput {
  let frame: Frame
  var rows: GroupedRows
  let context: EvaluationContext
  let cache: EvaluationCache

  /// The values of an expression in the rows.
  func values(of expression: TypedExpression) throws(EvaluationError) -> Vector {
    let evaluator = Evaluator(frame: frame, context: context, snippet: expression.snippet)
    if case .all = rows.selection { return try cache.evaluate(expression, with: evaluator) }
    return try evaluator.evaluate(expression.node, rows.selection)
  }

  /// Only the rows for which a condition is true, as Postgres evaluates it: for rows of groups alone.
  mutating func filter(by condition: TypedExpression?) throws(EvaluationError) {
    guard let condition else { return }
    if !condition.node.isInfallible { rows = rows.compacted() }
    let passes = try values(of: condition)
    let lane = passes.bools
    guard lane.stride == 1, passes.validity == nil else {
      for row in rows.groups.indices
      where !lane.values[row &* lane.stride] || passes.isNull(row) {
        rows.groups[row] = -1
      }
      return
    }
    rows.groups.withUnsafeMutableBufferPointer { groups in
      lane.values.withUnsafeBufferPointer { values in
        // Without branches, which nothing foretells.
        for row in groups.indices { groups[row] = values[row] ? groups[row] : -1 }
      }
    }
  }

  /// The argument's values, one for each row; rows where it is null do not count any more.
  mutating func column(
    of argument: TypedExpression, isInfallible: Bool
  ) throws(EvaluationError) -> Column {
    if !isInfallible { rows = rows.compacted() }
    let column = try values(of: argument).expanded(to: rows.groups.count)
    if let validity = column.validity {
      for row in rows.groups.indices where !validity[row] { rows.groups[row] = -1 }
    }
    return column
  }

  /// The places of the rows in blocks whose values stay in a core's cache. What is worked out once for
  /// each text of a dictionary needs blocks that are larger than that; all rows of a frame, whose values
  /// may be known from another instant, are one.
  var blocks: [Range<Int>] {
    let count = rows.groups.count
    guard case .rows = rows.selection else { return [0..<count] }
    let texts =
      frame.columns.map { column in
        if case .text(_, let dictionary) = column.values { dictionary.count } else { 0 }
      }.max() ?? 0
    let size = max(1 << 14, 4 * texts)
    return stride(from: 0, to: count, by: size).map { $0..<min($0 + size, count) }
  }

  func block(_ places: Range<Int>) -> AggregateInput {
    AggregateInput(frame: frame, rows: rows.part(places), context: context, cache: cache)
  }
}
