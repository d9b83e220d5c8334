import Frames

extension AggregateExpression.Call {
  /// As Postgres, evaluates the filter for the rows of the groups, and the argument for those that
  /// pass it.
  func state(
    over input: AggregateInput, _ layout: GroupLayout, times shared: SharedTimes
  ) throws(EvaluationError) -> any AggregateState {
    switch use.states {
    case .blocks(let make):
      if let state = try state(make, over: input, layout) { return state }
      preconditionFailure("the state is for values of another type")
    case .blocksOrAll(let make, let makeOfAll):
      if let state = try state(make, over: input, layout) { return state }
      return try state(makeOfAll, over: input, layout)
    case .all(let make): return try state(make, over: input, layout)
    case .overTime(let make): return make(try timedValues(input, layout).values)
    case .ofTimes(let make): return make(try timedRows(input, layout, shared), layout.count)
    case .ofCarts(let make):
      let (values, input) = try timedValues(input, layout)
      guard let condition else { preconditionFailure("carts have a condition") }
      return make(values, try input.values(of: condition))
    }
  }

  /// The state of what can take its rows block by block; nil where it must see all of them at once.
  private func state(
    _ make: AggregateStates.Blocks, over input: AggregateInput, _ layout: GroupLayout
  ) throws(EvaluationError) -> (any BlockwiseState)? {
    var state = make(layout.count)
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

  private func state(
    _ make: AggregateStates.All, over input: AggregateInput, _ layout: GroupLayout
  ) throws(EvaluationError) -> any AggregateState {
    guard let argument else { preconditionFailure("what looks at all values has an argument") }
    var input = input
    try input.filter(by: filter)
    let column = try input.column(of: argument, isInfallible: argument.node.isInfallible)
    return make(column, input.rows.groups, layout)
  }

  /// The values with the times of their rows, and the rows that they are of.
  private func timedValues(
    _ input: AggregateInput, _ layout: GroupLayout
  ) throws(EvaluationError) -> (values: TimedValues, input: AggregateInput) {
    guard let argument, let time else {
      preconditionFailure("what is over time has an argument and a time")
    }
    var input = input
    try input.filter(by: filter)
    let isInfallible = argument.node.isInfallible && condition?.node.isInfallible != false
    let column = try input.column(of: argument, isInfallible: isInfallible)
    let instants = try input.values(of: time)
    let values = TimedValues(
      values: column, instants: instants, groups: input.rows.groups, layout: layout,
      context: input.context)
    return (values, input)
  }

  private func timedRows(
    _ input: AggregateInput, _ layout: GroupLayout, _ shared: SharedTimes
  ) throws(EvaluationError) -> TimedRows {
    if let known = shared[filter] { return known }
    guard let time else { preconditionFailure("what is of times has a time") }
    var input = input
    try input.filter(by: filter)
    let times = RowTimes(try input.values(of: time), input.context)
    return shared.keep(TimedRows(times, input.rows.groups, layout), for: filter)
  }
}
