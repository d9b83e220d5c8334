import Diagnostics
import Frames

/// The aggregate calls of an expression, in the order of writing.
final class AggregateCollector {
  private(set) var calls: [AggregateExpression.Call] = []

  /// Adds a call and gives the name of the column that will hold its values.
  func add(_ call: AggregateExpression.Call) -> String {
    calls.append(call)
    return AggregateExpression.columnName(calls.count - 1)
  }
}

extension Typer {
  func aggregate(
    _ function: AggregateFunction, _ call: SyntaxNode.Call, _ range: Range<Int>
  ) -> TypedNode? {
    guard let aggregates else {
      error(
        .misplacedAggregate, "the aggregate \(call.name) stands where a value of one row is wanted",
        range, help: "aggregates are for features; compute one there, then use its column")
      return nil
    }
    // What stands inside of the call is of rows again.
    var inner = self
    inner.aggregates = nil
    let filter = call.filter.map { inner.boolean($0) }
    if case .some(.none) = filter { return nil }
    let condition = filter.flatMap(\.self)
    if call.isStar {
      guard function == .count else {
        error(.noSuchSignature, "only count takes *, not \(call.name)", range)
        return nil
      }
      return add(function, nil, condition, call, .int8, range, to: aggregates)
    }
    guard call.arguments.count == 1, let syntax = call.arguments.first else {
      error(
        .noSuchSignature, "\(call.name) takes one argument, found \(call.arguments.count)", range,
        help: function == .count ? "write count(*) to count rows" : nil)
      return nil
    }
    guard let argument = inner.node(syntax) else { return nil }
    guard let type = function.result(for: argument.type) else {
      error(
        .noSuchSignature, "\(call.name) does not work on \(argument.type.sqlName)", range,
        help: function == .sum && argument.type == .bool
          ? "count the rows: count(*) filter (where …)" : nil)
      return nil
    }
    if call.isDistinct, ![.count, .min, .max].contains(function) {
      error(
        .unsupportedSyntax, "\(call.name)(distinct …) is not supported", range,
        help: "only count takes distinct")
      return nil
    }
    return add(function, argument, condition, call, type, range, to: aggregates)
  }

  private func add(
    _ function: AggregateFunction, _ argument: TypedNode?, _ filter: TypedNode?,
    _ call: SyntaxNode.Call, _ type: ColumnType, _ range: Range<Int>,
    to aggregates: AggregateCollector
  ) -> TypedNode {
    let isPersonal =
      function != .count && (argument.map(\.isPersonal) ?? false)
    let name = aggregates.add(
      AggregateExpression.Call(
        function: function, argument: argument.map { TypedExpression($0, snippet) },
        filter: filter.map { TypedExpression($0, snippet) }, isDistinct: call.isDistinct,
        type: type))
    return TypedNode(
      .column(name), type, range: range, isNullable: function != .count, isPersonal: isPersonal)
  }
}
