import Diagnostics
import Frames
import Testing

@testable import Expressions

/// A mistake as a test compares it: where it stands and what it says.
struct Mistake: Error, CustomStringConvertible {
  let diagnostics: [Diagnostic]
  var description: String { TextRenderer().render(diagnostics) }
}

let noon2024 = Instant(
  microseconds: CivilDate(year: 2024, month: 3, day: 31).days * Instant.microsecondsPerDay)
let context = EvaluationContext(asOf: noon2024, zone: .utc)

func parse(_ text: String) throws -> Expression {
  try Expression(parsing: Snippet(file: SourceFile(name: "test", text: text)))
}

func typed(_ text: String, _ schema: Schema = shopSchema) throws -> TypedExpression {
  let report = Report()
  guard let expression = try parse(text).typed(in: schema, report) else {
    throw Mistake(diagnostics: report.diagnostics)
  }
  return expression
}

func aggregate(
  _ text: String, _ schema: Schema = shopSchema, orderedBy time: String? = nil
) throws -> AggregateExpression {
  let report = Report()
  guard let expression = try parse(text).typedAggregate(in: schema, orderedBy: time, report) else {
    throw Mistake(diagnostics: report.diagnostics)
  }
  return expression
}

/// The value of an expression without columns, as text.
func value(of text: String, in context: EvaluationContext = context) throws -> String? {
  let frame = Frame(schema: Schema(), columns: [], rowCount: 1)
  let column = try typed(text, Schema()).evaluate(over: frame, in: context)
  return column.isNull(0) ? nil : TextCasts.printed(column, 0, context.zone)
}

/// The first mistake in an expression.
func mistake(
  in text: String, _ schema: Schema = shopSchema, aggregate: Bool = false
) throws -> Diagnostic {
  do {
    let expression = try Expression(
      parsing: Snippet(file: SourceFile(name: "test", text: text)))
    let report = Report()
    if aggregate {
      _ = expression.typedAggregate(in: schema, report)
    } else {
      _ = expression.typed(in: schema, report)
    }
    return try #require(report.sorted.first, "no mistake was found in \(text)")
  } catch let diagnostic as Diagnostic {
    return diagnostic
  }
}

let shopSchema = Schema([
  Field("amount", .numeric(precision: 12, scale: 2)),
  Field("discount", .numeric(precision: 12, scale: 2)),
  Field("quantity", .int4, isNullable: false),
  Field("city", .text), Field("status", .text, isNullable: false),
  Field("email", .text, isPersonal: true),
  Field("scores.churn_probability", .float8),
  Field("ordered_at", .timestamptz, isNullable: false),
  Field("born", .date, isPersonal: true), Field("kind", .text),
])

func shopFrame() -> Frame {
  func column(_ type: ColumnType, _ append: (inout ColumnBuilder) -> Void) -> Column {
    var builder = ColumnBuilder(type: type)
    append(&builder)
    return builder.build()
  }
  let money = ColumnType.numeric(precision: 12, scale: 2)
  func integers(_ type: ColumnType, _ values: [Int64?]) -> Column {
    column(type) { builder in
      for value in values { if let value { builder.append(value) } else { builder.appendNull() } }
    }
  }
  func texts(_ values: [String?]) -> Column {
    column(.text) { builder in
      for value in values { if let value { builder.append(value) } else { builder.appendNull() } }
    }
  }
  let day = Instant.microsecondsPerDay
  let start = CivilDate(year: 2024, month: 3, day: 1).days
  return Frame(
    schema: shopSchema,
    columns: [
      integers(money, [1050, -200, nil, 0]), integers(money, [50, 0, 10, nil]),
      integers(.int4, [1, 2, 3, 4]), texts([" Paris ", "ROME", nil, "rome"]),
      texts(["paid", "cancelled", "paid", "paid"]), texts(["a@x.com", "b@x.com", nil, "d@x.com"]),
      column(.float8) { for value in [0.5, 0.7, .nan, 0] { $0.append(value) } },
      integers(.timestamptz, [start * day, (start + 1) * day, (start + 9) * day, .max]),
      integers(.date, [0, 1, nil, start]), texts(["cart", "view", "cart", nil]),
    ], rowCount: 4)
}

/// The values of an expression over the shop's frame, as text.
func values(of text: String) throws -> [String?] {
  let column = try typed(text).evaluate(over: shopFrame(), in: context)
  return (0..<column.count).map {
    column.isNull($0) ? nil : TextCasts.printed(column, $0, .utc)
  }
}
