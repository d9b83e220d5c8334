import Diagnostics
import Expressions
import Frames
import PipelineFiles
import Relations

/// Gives nulls a value.
struct Fill: Record, CleanStepKind {
  static let name = "fill"
  static let about = "Gives the nulls of a column a value."
  let column: ColumnName
  let value: Expression?
  let from: RowStep.Fill.Statistic?

  init(_ keys: inout Keys) {
    column = keys("column", "Column whose nulls are filled.", such: "discount")
    value = keys("with", "Expression that gives the value.")
    from = keys("from", "Statistic of the column's other values that gives the value.")
  }

  func check(_ report: Report) {
    guard (value == nil) == (from == nil) else { return }
    report.error(
      .keyCombination, "say either 'with' or 'from'", at: column.span,
      help: "with: an expression, or from: median or mode")
  }

  func plan(_ shape: inout RelationShape, _ context: PlanContext) -> RowStep? {
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
      let value = typed.made(field.name, in: shape.schema)
      var filled = Field.made(field.name, field.type, from: [field, value], about: field.about)
      filled.isNullable = typed.isNullable
      filled.labels = field.labels
      if let literal = typed.literal {
        filled.values = field.values.map { ($0 + [literal]).removingRepeats }
      }
      return .fill(.init(filled, from: .expression(typed)))
    case (nil, let statistic?):
      if statistic == .median, !field.type.isNumber, !field.type.isTime {
        report.error(
          .wrongType, "'\(field.name)' is of type \(field.type.sqlName) and has no median",
          at: column.span, help: "use from: mode, or with: and a value")
        return nil
      }
      return .fill(.init(field, from: .statistic(statistic)))
    default: return nil
    }
  }
}

extension RowStep.Fill.Statistic: Choice {}
