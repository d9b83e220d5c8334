import Diagnostics
import Expressions
import Frames
import PipelineFiles

/// Gives nulls a value.
struct Fill: Record {
  static let about = "Gives the nulls of a column a value."
  let column: Name
  let value: Expression?
  let from: Statistic?

  init(_ keys: inout Keys) {
    column = keys("column", "Column whose nulls are filled.")
    value = keys("with", "Expression that gives the value.")
    from = keys("from", "Statistic of the column's other values that gives the value.")
  }

  enum Statistic: String, Choice { case median, mode }

  func check(_ report: Report) {
    guard (value == nil) == (from == nil) else { return }
    report.error(
      .keyCombination, "say either 'with' or 'from'", at: column.span,
      help: "with: an expression, or from: median or mode")
  }

  func plan(_ shape: inout RelationShape, _ context: PlanContext) -> FillOperation? {
    guard let field = context.field(column, in: shape.schema, of: "the input") else { return nil }
    context.refuseChange(of: column, in: shape)
    let report = context.report
    switch (value, from) {
    case (let value?, nil):
      guard let typed = value.typed(in: shape.schema, as: field.type, "with", report) else {
        return nil
      }
      if let labels = field.labels, typed.labels != labels,
        !(typed.literal.map(labels.contains) ?? false)
      {
        report.error(
          .malformedLiteral,
          "'\(field.name)' is an enum, and what it is filled with is none of its labels",
          at: value.snippet.span,
          help: "write one of \(labels.joined(separator: ", ")), or make it a text before: set: { "
            + "\(field.name): \(ColumnSQL.name(field.name))::text }")
        return nil
      }
      var filled = field
      filled.isNullable = typed.isNullable
      filled.isPersonal = field.isPersonal || typed.isPersonal
      filled.changesInPlace =
        field.changesInPlace || shape.schema.any(of: typed.columns, \.changesInPlace)
      filled.isFromManyRows =
        field.isFromManyRows || shape.schema.any(of: typed.columns, \.isFromManyRows)
      shape.schema.set(filled)
      return FillOperation(field: filled, source: .expression(typed))
    case (nil, let statistic?):
      if statistic == .median, !field.type.isNumber, !field.type.isTime {
        report.error(
          .wrongType, "'\(field.name)' is of type \(field.type.sqlName) and has no median",
          at: column.span, help: "use from: mode, or with: and a value")
        return nil
      }
      return FillOperation(field: field, source: .statistic(statistic))
    default: return nil
    }
  }
}

struct FillOperation: CleanOperation {
  enum Source: Sendable {
    case expression(TypedExpression)
    case statistic(Fill.Statistic)
  }
  let field: Field
  let source: Source

  var assignments: [(column: String, from: Set<String>, by: String)] {
    switch source {
    case .expression(let expression):
      [
        (
          field.name, expression.columns.union([field.name]),
          "coalesce(\(field.name), \(expression.text))"
        )
      ]
    case .statistic(let statistic):
      [(field.name, [field.name], "coalesce(\(field.name), \(statistic.rawValue))")]
    }
  }
  var isAsOf: Bool {
    switch source {
    case .expression(let expression): expression.dependsOnAsOf
    case .statistic: true
    }
  }
  var label: String { "fill \(field.name)" }

  func apply(to frame: Frame, in context: EvaluationContext) throws -> CleanOutcome {
    guard let column = frame[field.name], column.nullCount > 0 else {
      return CleanOutcome(frame: frame, changed: 0)
    }
    let nulls = (0..<Int32(column.count)).filter { column.isNull(Int($0)) }
    let donor: Column
    switch source {
    case .expression(let expression):
      donor = try expression.evaluate(over: frame.taking(nulls), in: context)
    case .statistic(let statistic):
      guard let row = chosenRow(statistic, frame) else {
        return CleanOutcome(frame: frame, changed: 0)
      }
      donor = column.taking(Array(repeating: row, count: nulls.count))
    }
    // The filled rows come from behind the column: rows, then donors in their order.
    var rows = Array(0..<Int32(column.count))
    for (place, row) in nulls.enumerated() { rows[Int(row)] = Int32(column.count + place) }
    let filled = Column.concatenating([column, donor]).taking(rows)
    return CleanOutcome(
      frame: frame.setting(field, to: filled), changed: column.nullCount - filled.nullCount)
  }

  /// A row that holds the statistic: the lower median (`percentile_disc(0.5)`), or the most frequent
  /// value, of several the smallest, as Postgres's `mode()` over ordered rows.
  private func chosenRow(_ statistic: Fill.Statistic, _ frame: Frame) -> Int32? {
    let order = frame.selecting([field.name])
      .order(by: [SortColumn(field.name)], labels: field.labels)
    guard let column = frame[field.name] else { return nil }
    let valid = order.filter { !column.isNull(Int($0)) }
    guard !valid.isEmpty else { return nil }
    if statistic == .median { return valid[(valid.count - 1) / 2] }
    let grouping = Grouping(by: [column], rowCount: column.count)
    var sizes = [Int](repeating: 0, count: grouping.count)
    for row in valid { sizes[Int(grouping.groups[Int(row)])] += 1 }
    let largest = sizes.max()
    return valid.first { sizes[Int(grouping.groups[Int($0)])] == largest }
  }
}
