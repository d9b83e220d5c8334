import Diagnostics
import Frames

/// The aggregate calls of an expression, in the order of writing.
final class AggregateCollector {
  private(set) var calls: [AggregateExpression.Call] = []
  /// The column with the times of the rows, by which `first` and `last` order.
  let time: String?

  init(time: String?) { self.time = time }

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
    var argument: TypedNode?
    var type = ColumnType.int8
    var labels: [String]?
    if call.isStar {
      guard function == .count else {
        error(
          .noSuchSignature, "only count takes *, not \(call.name)", range,
          help: "name what it is of, as in \(call.name)(amount)")
        return nil
      }
    } else if function.isOfTimes {
      type = function.resultOfTimes
    } else {
      guard let syntax = aggregated(function, call, range), let node = inner.node(syntax) else {
        return nil
      }
      guard let result = function.result(for: node.type) else {
        error(
          .noSuchSignature, "\(call.name) does not work on \(node.type.sqlName)", range,
          help: function == .sum && node.type == .bool
            ? "count the rows: count(*) filter (where …)"
            : function == .avg && node.type == .bool
              ? "make it 1 or 0: avg((\(snippet.part(node.range).text))::int)"
              : function == .share
                ? "name a condition, as in share(city = 'Kiel')"
                : "name a column of another type, or cast it")
        return nil
      }
      (argument, type) = (node, result)
      // Its order is that of its labels, whose places are aggregated in its stead.
      if let own = node.labels, function.isOfOneValue {
        labels = own
        (argument, type) = (placed(node, own), .int4)
      }
    }
    if call.isDistinct, ![.count, .min, .max].contains(function) {
      error(
        .unsupportedSyntax, "\(call.name)(distinct …) is not supported", range,
        help: "only count takes distinct")
      return nil
    }
    guard let fraction = fraction(function, call, range),
      let time = time(function, call, aggregates, range),
      let option = inner.option(function, call, time, range)
    else { return nil }
    let condition = function.isOfCarts ? inner.boolean(call.arguments[1]) : nil
    if function.isOfCarts, condition == nil { return nil }
    let name = aggregates.add(
      AggregateExpression.Call(
        function: function, argument: argument.map { TypedExpression($0, snippet) },
        condition: condition.map { TypedExpression($0, snippet) },
        filter: filter.flatMap(\.self).map { TypedExpression($0, snippet) },
        isDistinct: call.isDistinct, fraction: fraction, option: option, time: time, type: type))
    // A number of carts is a count, which tells nothing of one.
    let isPersonal =
      function.isOfCarts
      ? false : argument?.isPersonal ?? (function.isOfTimes && time?.isPersonal ?? false)
    let node = TypedNode(
      .column(name), type, range: range, isNullable: !function.counts,
      isPersonal: function != .count && isPersonal)
    return labels.map { label(at: node, $0, range: range) } ?? node
  }

  /// What an aggregate works on: its one argument, or what it orders by.
  private func aggregated(
    _ function: AggregateFunction, _ call: SyntaxNode.Call, _ range: Range<Int>
  ) -> SyntaxNode? {
    if let ordered = call.ordered {
      let expected = function.takesFraction ? 1 : 0
      if function.ordersValues, call.arguments.count == expected { return ordered }
      error(
        .noSuchSignature,
        function.ordersValues
          ? "\(call.name) takes \(expected) arguments before 'within group', found \(call.arguments.count)"
          : "\(call.name) takes no 'within group'", range, help: function.about)
      return nil
    }
    if function.takesFraction {
      error(
        .noSuchSignature, "\(call.name) needs 'within group (order by …)'", range,
        help: "write \(call.name)(0.5) within group (order by x)")
      return nil
    }
    let count = function.argumentCount
    guard call.arguments.count == count else {
      let wanted = ["one argument", "two arguments", "three arguments"][count - 1]
      error(
        .noSuchSignature, "\(call.name) takes \(wanted), found \(call.arguments.count)", range,
        help: function == .count ? "write count(*) to count rows" : function.usage)
      return nil
    }
    return call.arguments[0]
  }

  /// The fraction of a percentile, nil inside for another aggregate.
  private func fraction(
    _ function: AggregateFunction, _ call: SyntaxNode.Call, _ range: Range<Int>
  ) -> Double?? {
    if function == .median { return .some(0.5) }
    guard function.takesFraction, let argument = call.arguments.first else { return .some(nil) }
    if case .number(let digits, _) = argument.kind, let value = Double(digits),
      (0...1).contains(value)
    {
      return .some(value)
    }
    error(
      .invalidArgument, "the fraction of \(call.name) is no number from 0 to 1", argument.range,
      help: "for example 0.9")
    return nil
  }

  /// The times by which an aggregate orders rows, nil inside for another aggregate.
  private func time(
    _ function: AggregateFunction, _ call: SyntaxNode.Call, _ aggregates: AggregateCollector,
    _ range: Range<Int>
  ) -> TypedExpression?? {
    guard function.looksAtTime else { return .some(nil) }
    guard let name = aggregates.time, let field = schema[name], field.type.isTime else {
      error(
        .noSuchSignature, "\(call.name) needs the time of the rows, and these have none", range,
        help: "say time: in their extract")
      return nil
    }
    let node = TypedNode(
      .column(field.name), field.type, range: range, isNullable: field.isNullable,
      isPersonal: field.isPersonal)
    return .some(TypedExpression(node, snippet))
  }
}
