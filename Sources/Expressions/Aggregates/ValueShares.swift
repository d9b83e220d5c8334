import Frames

extension TypedExpression {
  /// For each of some values an aggregate that is its share among the values that are not null, as
  /// `share(x = value)`.
  ///
  /// - Parameters:
  ///   - values: of the expression's type.
  ///   - count: how many aggregates are wanted; those for which there is no value are null.
  public func shares(of values: Column, count: Int) -> [AggregateExpression] {
    (0..<count).map { place in
      let value =
        place < values.count
        ? Vector(values.gathered([Int32(place)]), isConstant: true) : .null(type)
      let isEqual = TypedNode(
        .comparison(.equal), by: .comparison(.equal), [node, .constant(value, range: node.range)],
        .bool, range: node.range, isPersonal: false)
      let share = AggregateExpression.Call(
        use: .share, argument: TypedExpression(isEqual, snippet), condition: nil, filter: nil,
        time: nil, type: .float8)
      let outer = TypedNode(
        .column(AggregateExpression.columnName(0)), .float8, range: node.range, isNullable: true)
      return AggregateExpression(outer, [share], snippet)
    }
  }
}
