import Frames

extension AggregateExpression.Call {
  /// As Postgres, evaluates the filter for the rows of the groups, and the argument for those that
  /// pass it.
  func state(
    over input: AggregateInput, _ layout: GroupLayout, times shared: SharedTimes
  ) throws(EvaluationError) -> any AggregateState {
    if let state = try blockwiseState(over: input, layout) { return state }
    var input = input
    guard let argument else {
      let text = filter.map { $0.snippet.part($0.node.range).text } ?? ""
      if let known = shared[text] { return state(of: known, layout.count) }
      try input.filter(by: filter)
      guard let time else { return CountState(input.rows.groups, groupCount: layout.count) }
      let times = RowTimes(try input.values(of: time), input.context)
      return state(
        of: shared.keep(TimedRows(times, input.rows.groups, layout), for: text), layout.count)
    }
    try input.filter(by: filter)
    let isInfallible = argument.node.isInfallible && condition?.node.isInfallible != false
    let column = try input.column(of: argument, isInfallible: isInfallible)
    guard let time else { return state(of: column, input.rows.groups, layout) }
    let instants = try input.values(of: time)
    var groups = input.rows.groups
    if let condition, case .gap(let limit) = option {
      let times = RowTimes(instants, input.context)
      return CartState(
        carts: column, bought: try input.values(of: condition), times, groups, layout,
        CartMeasure(function: function, limit: limit, now: times.now))
    }
    if function == .slope {
      return SlopeState(column, RowTimes(instants, input.context), groups, layout.count)
    }
    for row in groups.indices where instants.isNull(row) { groups[row] = -1 }
    return TimedState(
      column, instants.int64s.values, groups, layout.count, isLast: function == .last)
  }

  /// The state of what can take its rows block by block; nil for what must see all of them at once.
  private func blockwiseState(
    over input: AggregateInput, _ layout: GroupLayout
  ) throws(EvaluationError) -> (any AggregateState)? {
    guard var state = blockwiseState(layout.count) else { return nil }
    for places in input.blocks {
      var block = input.block(places)
      try block.filter(by: filter)
      var column: Column?
      if let argument {
        column = try block.column(of: argument, isInfallible: argument.node.isInfallible)
      }
      guard state.add(column, block.rows.groups) else { return nil }
    }
    return state
  }

  /// The state of no rows.
  private func blockwiseState(_ groupCount: Int) -> (any BlockwiseState)? {
    guard time == nil else { return nil }
    guard let argument else { return CountState(groupCount: groupCount) }
    let storage = argument.type.storage
    switch function {
    case .count where isDistinct:
      return storage == .int64 ? DistinctState(groupCount: groupCount) : nil
    case .count: return CountState(groupCount: groupCount)
    case .boolOr, .boolAnd: return BoolState(groupCount: groupCount, isOr: function == .boolOr)
    case .share: return ShareState(groupCount: groupCount)
    case .min, .max: return extreme(of: storage, groupCount, takesGreater: function == .max)
    case .sum, .avg:
      return storage == .float64
        ? FloatSumState(groupCount: groupCount, isMean: function == .avg)
        : ExactSumState(
          groupCount: groupCount,
          meanScale: function == .avg ? argument.type.exactDigits.scale : nil)
    default: return nil
    }
  }

  private func state(
    of column: Column, _ groups: [Int32], _ layout: GroupLayout
  ) -> any AggregateState {
    switch function {
    case .count where isDistinct: CollectedState(column, groups, layout, .distinctCount)
    case .min, .max: textExtreme(of: column, groups, layout.count)
    case .standardDeviation, .populationDeviation, .variance, .populationVariance:
      DeviationState(
        column, groups, layout.count,
        ofPopulation: function == .populationDeviation || function == .populationVariance,
        isRoot: function == .standardDeviation || function == .populationDeviation)
    case .entropy: CollectedState(column, groups, layout, .entropy)
    case .mode: CollectedState(column, groups, layout, .mode)
    case .top:
      if case .rank(let rank) = option {
        CollectedState(column, groups, layout, .ranked(rank))
      } else {
        CollectedState(column, groups, layout, .mode)
      }
    case .continuousPercentile, .median:
      CollectedState(column, groups, layout, .continuous(fraction ?? 0.5))
    case .discretePercentile:
      CollectedState(column, groups, layout, .discrete(fraction ?? 0.5))
    // Of a value nothing else is left than count.
    default: CountState(groups, groupCount: layout.count)
    }
  }

  private func textExtreme(
    of column: Column, _ groups: [Int32], _ groupCount: Int
  ) -> any AggregateState {
    guard case .text(let codes, let dictionary) = column.values else {
      return CountState(groups, groupCount: groupCount)
    }
    return TextExtremeState(codes, dictionary, groups, groupCount, function == .max)
  }

  /// Texts are none of these: the codes of one block are not those of another.
  private func extreme(
    of storage: Storage, _ groupCount: Int, takesGreater: Bool
  ) -> (any BlockwiseState)? {
    switch storage {
    case .int64:
      ExtremeState(groupCount: groupCount, 0, takesGreater: takesGreater, ColumnValues.int64) {
        if case .int64(let values) = $0 { values } else { nil }
      }
    case .int128:
      ExtremeState(groupCount: groupCount, 0, takesGreater: takesGreater, ColumnValues.int128) {
        if case .int128(let values) = $0 { values } else { nil }
      }
    case .float64:
      ExtremeState(groupCount: groupCount, 0, takesGreater: takesGreater, ColumnValues.float64) {
        if case .float64(let values) = $0 { values } else { nil }
      }
    case .interval:
      ExtremeState(
        groupCount: groupCount, IntervalValue(), takesGreater: takesGreater, ColumnValues.interval
      ) { if case .interval(let values) = $0 { values } else { nil } }
    case .bool:
      ExtremeState(groupCount: groupCount, false, takesGreater: takesGreater, ColumnValues.bool) {
        if case .bool(let values) = $0 { values } else { nil }
      }
    case .text: nil
    }
  }
}
