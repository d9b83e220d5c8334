import Diagnostics
import Frames

/// What the literals of an aggregate say.
protocol AggregateLiteral: Sendable {
  /// How many arguments it is, and how they are written, where it stands alone.
  static var count: Int { get }
  static var example: String { get }
  /// Nil where a call does not say it, which was said.
  static func read(_ reading: AggregateReading) -> Self?
  /// As data.
  var values: [LiteralValue] { get }
}

/// A call whose literals are read.
struct AggregateReading {
  let aggregate: Aggregate
  let call: SyntaxNode.Call
  /// The type of its value; empty where it takes none.
  let takes: [ColumnType]
  /// The times of the rows, for what looks at them.
  let time: TypedExpression?
  let range: Range<Int>
  let typer: Typer

  func refuse(_ message: String, _ range: Range<Int>, help: String?) {
    typer.error(.invalidArgument, message, range, help: help)
  }
}

struct NoLiteral: AggregateLiteral {
  static let count = 0
  static let example = ""
  static func read(_ reading: AggregateReading) -> Self? { Self() }
  var values: [LiteralValue] { [] }
}

extension CalendarPeriod: AggregateLiteral {
  static let count = 1
  static let example = "'week'"

  static func read(_ reading: AggregateReading) -> Self? {
    let argument = reading.call.arguments[0]
    if case .text(let word) = argument.kind, let period = CalendarPeriod(rawValue: word) {
      return period
    }
    reading.refuse(
      "the period of \(reading.call.name) is none of 'day', 'week' and 'month'", argument.range,
      help: "write \(reading.call.name)('week')")
    return nil
  }

  var values: [LiteralValue] { [.text(Array(rawValue.utf8))] }
}

/// An interval of hours or less means the same everywhere; days are of 24 hours.
struct ElapsedTime: AggregateLiteral {
  static let count = 1
  static let example = "'30 minutes'"
  let microseconds: Int64

  /// The last argument.
  static func read(_ reading: AggregateReading) -> Self? {
    let (name, usage) = (reading.call.name, reading.aggregate.usage)
    let argument = reading.call.arguments[reading.call.arguments.count - 1]
    guard let operand = reading.typer.operand(argument),
      let node = reading.typer.resolve(operand, as: .interval)
    else { return nil }
    if case .constant(let value) = node.operation, case .interval(let interval) = value.literal,
      interval.months == 0
    {
      let microseconds =
        Int128(interval.days) * Int128(Instant.microsecondsPerDay) + Int128(interval.microseconds)
      if microseconds > 0, let time = Int64(exactly: microseconds) {
        return Self(microseconds: time)
      }
    }
    reading.refuse(
      "the \(usage == nil ? "gap" : "limit") of \(name) is no interval of days or less that is above 0",
      argument.range, help: usage ?? "write \(name)(\(example))")
    return nil
  }

  var values: [LiteralValue] { [.integer(Int128(microseconds))] }
}

/// The place of a value in the order of how frequent values are, from 1.
struct Rank: AggregateLiteral {
  static let count = 1
  static let example = "2"
  let number: Int

  static func read(_ reading: AggregateReading) -> Self? {
    let argument = reading.call.arguments[1]
    if case .number(let digits, _) = argument.kind, let rank = Int32(digits), rank > 0 {
      return Self(number: Int(rank))
    }
    reading.refuse(
      "the rank of \(reading.call.name) is no whole number from 1", argument.range,
      help: reading.aggregate.usage)
    return nil
  }

  var values: [LiteralValue] { [.integer(Int128(number))] }
}

/// Which percentile is wanted.
struct Fraction: AggregateLiteral {
  static let count = 1
  static let example = "0.9"
  let value: Double

  static func read(_ reading: AggregateReading) -> Self? {
    guard let argument = reading.call.arguments.first else { return nil }
    if case .number(let digits, _) = argument.kind, let value = Double(digits),
      (0...1).contains(value)
    {
      return Self(value: value)
    }
    reading.refuse(
      "the fraction of \(reading.call.name) is no number from 0 to 1", argument.range,
      help: "for example \(example)")
    return nil
  }

  var values: [LiteralValue] { [.float(value.bitPattern)] }
}

/// Local hours from the first on and before the second, over midnight where that is less.
struct Hours: AggregateLiteral {
  static let count = 2
  static let example = "22, 6"
  let start: Int
  let end: Int

  static func read(_ reading: AggregateReading) -> Self? {
    let name = reading.call.name
    if reading.time?.type == .date {
      reading.typer.error(
        .noSuchSignature, "\(name) needs hours, and the rows' time is a date", reading.range,
        help: "name a column with a time of day as time: in their extract")
      return nil
    }
    let hours = reading.call.arguments.compactMap { argument -> Int? in
      guard case .number(let digits, _) = argument.kind else { return nil }
      return Int(digits)
    }
    if hours.count == 2, hours[0] != hours[1], (0...23).contains(hours[0]),
      (0...24).contains(hours[1])
    {
      return Self(start: hours[0], end: hours[1])
    }
    reading.refuse(
      "\(name) takes two different hours from 0 to 24", reading.range,
      help: "write \(name)(22, 6) for the night")
    return nil
  }

  func contains(_ hour: Int) -> Bool {
    start < end ? (start..<end).contains(hour) : hour >= start || hour < end
  }

  var values: [LiteralValue] { [.integer(Int128(start)), .integer(Int128(end))] }
}
