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
    _ aggregate: Aggregate, _ call: SyntaxNode.Call, _ range: Range<Int>
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
    guard let value = value(of: aggregate, call, inner, range) else { return nil }
    if call.isDistinct, !aggregate.traits.contains(.takesDistinct) {
      error(
        .unsupportedSyntax, "\(call.name)(distinct …) is not supported", range,
        help: "only count takes distinct")
      return nil
    }
    guard let time = time(aggregate, call, aggregates, range) else { return nil }
    let reading = AggregateReading(
      aggregate: aggregate, call: call, takes: value.argument.map { [$0.type] } ?? [], time: time,
      range: range, typer: inner)
    guard checkLiteralCount(reading), let use = aggregate.use(reading) else { return nil }
    var condition: TypedNode?
    if case .cart = aggregate.form {
      condition = inner.boolean(call.arguments[1])
      if condition == nil { return nil }
    }
    let name = aggregates.add(
      AggregateExpression.Call(
        use: use, argument: value.argument.map { TypedExpression($0, snippet) },
        condition: condition.map { TypedExpression($0, snippet) },
        filter: filter.flatMap(\.self).map { TypedExpression($0, snippet) }, time: time,
        type: value.type))
    let isPersonal = value.argument?.isPersonal ?? time?.isPersonal ?? false
    let node = TypedNode(
      .column(name), value.type, range: range, isNullable: !aggregate.traits.contains(.counts),
      isPersonal: isPersonal && !aggregate.traits.contains(.hidesValues))
    return value.labels.map { label(at: node, $0, range: range) } ?? node
  }

  /// The value that an aggregate works on, none of `*` and of times alone, and the type of its result.
  private func value(
    of aggregate: Aggregate, _ call: SyntaxNode.Call, _ inner: Typer, _ range: Range<Int>
  ) -> (argument: TypedNode?, type: ColumnType, labels: [String]?)? {
    if call.isStar, !aggregate.traits.contains(.ofRows) {
      error(
        .noSuchSignature, "only count takes *, not \(call.name)", range,
        help: "name what it is of, as in \(call.name)(amount)")
      return nil
    }
    if call.isStar { return (nil, aggregate.result(.int8) ?? .int8, nil) }
    if case .times = aggregate.form { return (nil, aggregate.result(.int8) ?? .int8, nil) }
    guard let syntax = aggregated(aggregate, call, range), let node = inner.node(syntax) else {
      return nil
    }
    guard let result = aggregate.result(node.type) else {
      error(
        .noSuchSignature, "\(call.name) does not work on \(node.type.sqlName)", range,
        help: aggregate.mistyped(node.type, snippet.part(node.range).text)
          ?? "name a column of another type, or cast it")
      return nil
    }
    // The order of an enum is that of its labels, whose places are aggregated in its stead.
    if let labels = node.labels, aggregate.traits.contains(.isOneValue) {
      return (placed(node, labels), .int4, labels)
    }
    return (node, result, nil)
  }

  /// What an aggregate works on: its one argument, or what it orders by.
  private func aggregated(
    _ aggregate: Aggregate, _ call: SyntaxNode.Call, _ range: Range<Int>
  ) -> SyntaxNode? {
    let takesLiteral = if case .orderedAfterLiteral = aggregate.form { true } else { false }
    if let ordered = call.ordered {
      let expected = takesLiteral ? 1 : 0
      if aggregate.form.ordersValues, call.arguments.count == expected { return ordered }
      error(
        .noSuchSignature,
        aggregate.form.ordersValues
          ? "\(call.name) takes \(expected) arguments before 'within group', found \(call.arguments.count)"
          : "\(call.name) takes no 'within group'", range, help: aggregate.about)
      return nil
    }
    if takesLiteral {
      error(
        .noSuchSignature, "\(call.name) needs 'within group (order by …)'", range,
        help: "write \(call.name)(0.5) within group (order by x)")
      return nil
    }
    let count = aggregate.form.argumentCount
    guard call.arguments.count == count else {
      let wanted = ["one argument", "two arguments", "three arguments"][count - 1]
      error(
        .noSuchSignature, "\(call.name) takes \(wanted), found \(call.arguments.count)", range,
        help: aggregate.usage)
      return nil
    }
    return call.arguments[0]
  }

  /// Whether an aggregate of times has as many literals as it takes.
  private func checkLiteralCount(_ reading: AggregateReading) -> Bool {
    guard case .times = reading.aggregate.form else { return true }
    let (call, literals) = (reading.call, reading.aggregate.literals)
    if call.ordered == nil, call.arguments.count == literals.count { return true }
    error(
      .noSuchSignature,
      literals.count == 0
        ? "\(call.name) takes no argument: it is of the rows' times"
        : "\(call.name) takes \(literals.count == 1 ? "one literal" : "two literals")",
      reading.range, help: "write \(call.name)(\(literals.example))")
    return false
  }

  /// The times by which an aggregate orders rows, nil inside for another aggregate.
  private func time(
    _ aggregate: Aggregate, _ call: SyntaxNode.Call, _ aggregates: AggregateCollector,
    _ range: Range<Int>
  ) -> TypedExpression?? {
    guard aggregate.traits.contains(.looksAtTime) else { return .some(nil) }
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
