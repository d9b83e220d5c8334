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
      return share(of: .constant(value, range: node.range))
    }
  }

  /// How often it has the value that a column of its row holds.
  public func share(ofColumn name: String) -> AggregateExpression {
    share(of: TypedNode(.column(name), type, range: node.range, isNullable: true))
  }

  private func share(of value: TypedNode) -> AggregateExpression {
    let isEqual = TypedNode(
      .comparison(.equal), by: .comparison(.equal), [node, value],
      .bool, range: node.range, isPersonal: false)
    let share = AggregateExpression.Call(
      use: .share, argument: TypedExpression(isEqual, snippet), condition: nil, filter: nil,
      time: nil, type: .float8)
    let outer = TypedNode(
      .column(AggregateExpression.columnName(0)), .float8, range: node.range, isNullable: true)
    return AggregateExpression(outer, [share], snippet)
  }
}
