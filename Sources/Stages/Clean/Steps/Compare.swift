import Diagnostics
import Expressions
import Frames
import PipelineFiles

/// Sets a value against what is usual among the rows that are like its own.
struct Compare: Record {
  static let about =
    "Divides a number by the mean or median of the rows that agree with its own in some columns."
  let column: Name
  let to: Statistic
  let by: OneOrMany<Name>
  let name: Name

  init(_ keys: inout Keys) {
    column = keys("column", "Column of numbers, such as a price.")
    to = keys("to", "What is usual among the rows.", default: .mean, shown: "mean")
    by = keys("by", "Columns in which the rows agree, such as a category.")
    name = keys(
      "as",
      "New column: 1 for what is usual, 0.5 for half of it; null where the number or what is usual "
        + "is null, or what is usual is 0.")
  }

  enum Statistic: String, Choice { case mean, median }

  func plan(_ shape: inout RelationShape, _ context: PlanContext) -> CompareOperation? {
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
    let parts = [field] + groups
    let compared = Field(
      name.text, .float8, isPersonal: field.isPersonal,
      changesInPlace: parts.contains(where: \.changesInPlace),
      isFromManyRows: parts.contains(where: \.isFromManyRows))
    shape.schema.append(compared)
    return CompareOperation(
      field: compared, column: field.name, statistic: to, groups: groups.map(\.name),
      number: number, usual: usual)
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

extension Compare.Statistic {
  fileprivate var aggregate: String {
    switch self {
    case .mean: "avg"
    case .median: "median"
    }
  }
}

struct CompareOperation: CleanOperation {
  let field: Field
  let column: String
  let statistic: Compare.Statistic
  let groups: [String]
  /// The column's value in floating point.
  let number: TypedExpression
  let usual: AggregateExpression

  var isAsOf: Bool { true }
  private var usualText: String {
    "\(statistic.rawValue) by \(groups.joined(separator: ", "))"
  }
  var label: String { "compare \(column) to its \(usualText)" }
  var assignments: [(column: String, from: Set<String>, by: String)] {
    [(field.name, Set(groups + [column]), "\(column) / \(usualText)")]
  }

  /// As `x / nullif(avg(x) over (partition by …), 0)` of the rows known before the as-of: nulls of
  /// a column are one group.
  func apply(to frame: Frame, in context: EvaluationContext) throws -> CleanOutcome {
    let grouping = Grouping(by: groups.compactMap { frame[$0] }, rowCount: frame.rowCount)
    let usual = try usual.accumulate(
      over: frame, groups: grouping.groups, groupCount: grouping.count, in: context
    ).finish(Array(0..<grouping.count), in: context)
    let number = try number.evaluate(over: frame, in: context)
    guard case .float64(let values) = number.values, case .float64(let means) = usual.values else {
      return CleanOutcome(frame: frame, changed: 0)
    }
    var isKnown = number.validity ?? Array(repeating: true, count: frame.rowCount)
    var quotients = [Double](repeating: 0, count: frame.rowCount)
    for row in quotients.indices where isKnown[row] {
      let group = Int(grouping.groups[row])
      isKnown[row] = !usual.isNull(group) && means[group] != 0
      if isKnown[row] { quotients[row] = values[row] / means[group] }
    }
    let compared = Column(type: .float8, values: .float64(quotients), validity: isKnown)
    return CleanOutcome(
      frame: frame.setting(field, to: compared), changed: isKnown.count { $0 })
  }
}
