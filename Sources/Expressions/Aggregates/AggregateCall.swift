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
}

extension AggregateExpression.Call {
  /// As Postgres, evaluates the filter for the rows of the groups, and the argument for those that
  /// pass it.
  func state(
    over frame: Frame, _ all: GroupedRows, groupCount: Int, in context: EvaluationContext,
    cache: EvaluationCache, times shared: SharedTimes
  ) throws(EvaluationError) -> any AggregateState {
    func values(
      _ expression: TypedExpression, of rows: GroupedRows
    ) throws(EvaluationError) -> Vector {
      try self.values(of: expression, over: frame, rows.selection, in: context, cache)
    }
    guard let argument else {
      let text = filter.map { $0.snippet.part($0.node.range).text } ?? ""
      if time != nil, let known = shared[text] { return state(of: known, groupCount) }
      let rows = try filtered(all, of: frame, in: context, cache)
      guard let time else { return CountState(rows.groups, groupCount: groupCount) }
      let times = RowTimes(try values(time, of: rows), context)
      return state(
        of: shared.keep(TimedRows(times, rows.groups, groupCount), for: text), groupCount)
    }
    var rows = try filtered(all, of: frame, in: context, cache)
    let isInfallible = argument.node.isInfallible && condition?.node.isInfallible != false
    if !isInfallible { rows = rows.compacted() }
    let column = try values(argument, of: rows).expanded(to: rows.groups.count)
    if let validity = column.validity {
      for row in rows.groups.indices where !validity[row] { rows.groups[row] = -1 }
    }
    guard let time else { return state(of: column, [], rows.groups, groupCount) }
    let instants = try values(time, of: rows)
    if let condition, case .gap(let limit) = option {
      let times = RowTimes(instants, context)
      return CartState(
        carts: column, bought: try values(condition, of: rows), times, rows.groups, groupCount,
        CartMeasure(function: function, limit: limit, now: times.now))
    }
    if function == .slope {
      return SlopeState(column, RowTimes(instants, context), rows.groups, groupCount)
    }
    for row in rows.groups.indices where instants.isNull(row) { rows.groups[row] = -1 }
    return state(of: column, instants.int64s.values, rows.groups, groupCount)
  }

  /// The rows that pass the filter.
  private func filtered(
    _ all: GroupedRows, of frame: Frame, in context: EvaluationContext, _ cache: EvaluationCache
  ) throws(EvaluationError) -> GroupedRows {
    guard let filter else { return all }
    var rows = filter.node.isInfallible ? all : all.compacted()
    let passes = try values(of: filter, over: frame, rows.selection, in: context, cache)
    let lane = passes.bools
    guard lane.stride == 1, passes.validity == nil else {
      for row in rows.groups.indices
      where !lane.values[row &* lane.stride] || passes.isNull(row) {
        rows.groups[row] = -1
      }
      return rows
    }
    rows.groups.withUnsafeMutableBufferPointer { groups in
      lane.values.withUnsafeBufferPointer { values in
        // Without branches, which nothing foretells.
        for row in groups.indices { groups[row] = values[row] ? groups[row] : -1 }
      }
    }
    return rows
  }

  private func values(
    of expression: TypedExpression, over frame: Frame, _ selection: Selection,
    in context: EvaluationContext, _ cache: EvaluationCache
  ) throws(EvaluationError) -> Vector {
    let evaluator = Evaluator(frame: frame, context: context, snippet: expression.snippet)
    if case .all = selection { return try cache.evaluate(expression, with: evaluator) }
    return try evaluator.evaluate(expression.node, selection)
  }

  private func state(
    of column: Column, _ times: [Int64], _ groups: [Int32], _ groupCount: Int
  ) -> any AggregateState {
    switch function {
    case .count where isDistinct: CollectedState(column, groups, groupCount, .distinctCount)
    case .boolOr, .boolAnd:
      BoolState(Vector(column).bools.values, groups, groupCount, isOr: function == .boolOr)
    case .min, .max: extreme(of: column, groups, groupCount, takesGreater: function == .max)
    case .sum, .avg:
      switch column.values {
      case .float64(let values): FloatSumState(values, groups, groupCount, isMean: function == .avg)
      case .int128(let values):
        ExactSumState(values, groups, groupCount, meanScale: meanScale(column.type))
      default:
        ExactSumState(
          Vector(column).int64s.values, groups, groupCount, meanScale: meanScale(column.type))
      }
    case .standardDeviation, .populationDeviation, .variance, .populationVariance:
      DeviationState(
        column, groups, groupCount,
        ofPopulation: function == .populationDeviation || function == .populationVariance,
        isRoot: function == .standardDeviation || function == .populationDeviation)
    case .first, .last:
      TimedState(column, times, groups, groupCount, isLast: function == .last)
    case .share: ShareState(Vector(column).bools.values, groups, groupCount)
    case .entropy: CollectedState(column, groups, groupCount, .entropy)
    case .mode: CollectedState(column, groups, groupCount, .mode)
    case .top:
      if case .rank(let rank) = option {
        CollectedState(column, groups, groupCount, .ranked(rank))
      } else {
        CollectedState(column, groups, groupCount, .mode)
      }
    case .continuousPercentile, .median:
      CollectedState(column, groups, groupCount, .continuous(fraction ?? 0.5))
    case .discretePercentile:
      CollectedState(column, groups, groupCount, .discrete(fraction ?? 0.5))
    // Of a value nothing else is left than count.
    default: CountState(groups, groupCount: groupCount)
    }
  }

  private func meanScale(_ type: ColumnType) -> Int? {
    function == .avg ? type.exactDigits.scale : nil
  }

  private func extreme(
    of column: Column, _ groups: [Int32], _ groupCount: Int, takesGreater: Bool
  ) -> any AggregateState {
    switch column.values {
    case .int64(let values):
      ExtremeState(values, groups, groupCount, 0, takesGreater, ColumnValues.int64)
    case .int128(let values):
      ExtremeState(values, groups, groupCount, 0, takesGreater, ColumnValues.int128)
    case .float64(let values):
      ExtremeState(values, groups, groupCount, 0, takesGreater, ColumnValues.float64)
    case .interval(let values):
      ExtremeState(
        values, groups, groupCount, IntervalValue(), takesGreater, ColumnValues.interval)
    case .bool(let values):
      ExtremeState(values, groups, groupCount, false, takesGreater, ColumnValues.bool)
    case .text(let codes, let dictionary):
      TextExtremeState(codes, dictionary, groups, groupCount, takesGreater)
    }
  }
}
