import Frames

/// What makes the state of an aggregate, by what it is worked out from.
enum AggregateStates: Sendable {
  typealias Blocks = @Sendable (_ groupCount: Int) -> any BlockwiseState
  typealias All = @Sendable (Column, [Int32], GroupLayout) -> any AggregateState

  /// Rows block by block; with an argument, those where it is not null.
  case blocks(Blocks)
  /// Block by block as long as the state can hold the values, otherwise all at once.
  case blocksOrAll(Blocks, All)
  /// All values at once.
  case all(All)
  /// Values with the times of their rows.
  case overTime(@Sendable (TimedValues) -> any AggregateState)
  /// The times of rows alone.
  case ofTimes(@Sendable (TimedRows, _ groupCount: Int) -> any AggregateState)
  /// Carts, whether rows buy them, and times.
  case ofCarts(@Sendable (TimedValues, _ bought: Vector) -> any AggregateState)
}

/// Values of rows, none of them null where the row counts, with the rows' times.
struct TimedValues {
  let values: Column
  let instants: Vector
  let groups: [Int32]
  let layout: GroupLayout
  let context: EvaluationContext

  var times: RowTimes { RowTimes(instants, context) }
}
