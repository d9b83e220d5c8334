import Diagnostics
import Expressions
import Frames
import PipelineFiles
import Relations

/// Sets a value against what is usual among the rows that are like its own.
struct Compare: Record, CleanStepKind {
  static let name = "compare"
  static let about =
    "Divides a number by the mean or median of the rows that agree with its own in some columns."
  let column: ColumnName
  let to: RowStep.Compare.Statistic
  let by: OneOrMany<ColumnName>
  let name: ColumnName

  init(_ keys: inout Keys) {
    column = keys("column", "Column of numbers, such as a price.", such: "amount")
    to = keys("to", "What is usual among the rows.", default: .mean, shown: "mean")
    by = keys("by", "Columns in which the rows agree, such as a category.", such: "category")
    name = keys(
      "as",
      "New column: 1 for what is usual, 0.5 for half of it; null where the number or what is usual "
        + "is null, or what is usual is 0.", such: "amount_index")
  }

  func plan(_ shape: inout RelationShape, _ context: PlanContext) -> RowStep? {
    let field = context.field(column, in: shape.schema, of: "the input")
    let groups = by.values.compactMap { context.field($0, in: shape.schema, of: "the input") }
    if let field, !field.type.isNumber {
      context.report.error(
        .wrongType, "'\(field.name)' is of type \(field.type.sqlName) and has no \(to.rawValue)",
        at: column.span, help: "compare a number")
      return nil
    }
    if shape.schema[name.text] != nil {
      context.report.error(
        .duplicateColumn, "there is a column '\(name.text)' already", at: name.span,
        help: "give the new one another name")
      return nil
    }
    guard let field, groups.count == by.values.count,
      let number = expression("", "::float8", context.report)?
        .typed(in: shape.schema, context.report),
      let usual = expression("\(to.aggregate)(", ")", context.report)?
        .typedAggregate(in: shape.schema, context.report)
    else {
      shape.schema.markUnknown(name.text)
      return nil
    }
    var compared = Field.made(name.text, .float8, from: [field] + groups)
    // Without a usual value there is none; of the groups it says nothing.
    compared.isNullable = true
    compared.isPersonal = field.isPersonal
    return .compare(
      .init(
        compared, of: field.name, to: to, by: groups.map(\.name), number: number, usual: usual))
  }

  /// An expression of the column, with something before and after it.
  private func expression(_ before: String, _ after: String, _ report: Report) -> Expression? {
    var text = PlacedText()
    text.append(before + ColumnSQL.name(column.text) + after, at: column.span)
    do throws(Diagnostic) {
      return try Expression(parsing: text.snippet(at: column.span))
    } catch {
      report.add(error)
      return nil
    }
  }
}

extension RowStep.Compare.Statistic: Choice {
  fileprivate var aggregate: String {
    switch self {
    case .mean: "avg"
    case .median: "median"
    }
  }
}
