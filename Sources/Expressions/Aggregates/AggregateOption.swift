import Diagnostics
import Frames

/// What the literals of an aggregate say.
enum AggregateOption: Sendable {
  case period(CalendarPeriod)
  /// The longest microseconds between two rows of one session.
  case gap(Int64)
  /// Local hours from the first on and before the second, over midnight where that is less.
  case hours(Int, Int)
  /// Of values in the order of how frequent they are, from 1.
  case rank(Int)
}

/// Which literals an aggregate of times alone takes.
enum AggregateLiteral {
  case period, gap, hours

  var count: Int { self == .hours ? 2 : 1 }

  var example: String {
    switch self {
    case .period: "'week'"
    case .gap: "'30 minutes'"
    case .hours: "22, 6"
    }
  }
}

extension Typer {
  /// What the literals of an aggregate say, nil inside for one that takes none.
  func option(
    _ function: AggregateFunction, _ call: SyntaxNode.Call, _ time: TypedExpression?,
    _ range: Range<Int>
  ) -> AggregateOption?? {
    if function == .top { return rank(call) }
    if function.isOfCarts { return gap(call.name, call.arguments[2], function.usage) }
    guard function.isOfTimes else { return .some(nil) }
    let literal = function.literal
    guard call.ordered == nil, call.arguments.count == literal?.count ?? 0 else {
      error(
        .noSuchSignature,
        literal.map { "\(call.name) takes \($0.count == 1 ? "one literal" : "two literals")" }
          ?? "\(call.name) takes no argument: it is of the rows' times", range,
        help: "write \(call.name)(\(literal?.example ?? ""))")
      return nil
    }
    switch literal {
    case nil: return .some(nil)
    case .period: return period(call.name, call.arguments[0])
    case .gap: return gap(call.name, call.arguments[0])
    case .hours: return hours(call, time, range)
    }
  }

  private func period(_ name: String, _ argument: SyntaxNode) -> AggregateOption?? {
    if case .text(let word) = argument.kind, let period = CalendarPeriod(rawValue: word) {
      return .period(period)
    }
    error(
      .invalidArgument, "the period of \(name) is none of 'day', 'week' and 'month'",
      argument.range, help: "write \(name)('week')")
    return nil
  }

  /// An interval of hours or less means the same everywhere; days are of 24 hours.
  private func gap(
    _ name: String, _ argument: SyntaxNode, _ help: String? = nil
  ) -> AggregateOption?? {
    guard let operand = operand(argument), let node = resolve(operand, as: .interval) else {
      return nil
    }
    if case .constant(let value) = node.operation,
      case .interval(let values) = value.column.values, !value.isNull(0), values[0].months == 0
    {
      let microseconds =
        Int128(values[0].days) * Int128(Instant.microsecondsPerDay) + Int128(values[0].microseconds)
      if microseconds > 0, let gap = Int64(exactly: microseconds) { return .gap(gap) }
    }
    error(
      .invalidArgument,
      "the \(help == nil ? "gap" : "limit") of \(name) is no interval of days or less that is above 0",
      argument.range, help: help ?? "write \(name)('30 minutes')")
    return nil
  }

  private func rank(_ call: SyntaxNode.Call) -> AggregateOption?? {
    let argument = call.arguments[1]
    if case .number(let digits, _) = argument.kind, let rank = Int32(digits), rank > 0 {
      return .rank(Int(rank))
    }
    error(
      .invalidArgument, "the rank of \(call.name) is no whole number from 1", argument.range,
      help: AggregateFunction.top.usage)
    return nil
  }

  private func hours(
    _ call: SyntaxNode.Call, _ time: TypedExpression?, _ range: Range<Int>
  ) -> AggregateOption?? {
    if time?.type == .date {
      error(
        .noSuchSignature, "\(call.name) needs hours, and the rows' time is a date", range,
        help: "name a column with a time of day as time: in their extract")
      return nil
    }
    let hours = call.arguments.compactMap { argument -> Int? in
      guard case .number(let digits, _) = argument.kind else { return nil }
      return Int(digits)
    }
    if hours.count == 2, hours[0] != hours[1], (0...23).contains(hours[0]),
      (0...24).contains(hours[1])
    {
      return .hours(hours[0], hours[1])
    }
    error(
      .invalidArgument, "\(call.name) takes two different hours from 0 to 24", range,
      help: "write \(call.name)(22, 6) for the night")
    return nil
  }
}
