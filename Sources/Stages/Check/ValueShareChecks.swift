import Diagnostics
import Expressions
import Frames
import PipelineFiles
import Relations

/// The share of nulls in a column keeps to a bound; without rows it is 0.
struct NullShareCheck: DataCheck {
  let column: String
  let bound: Bound

  init?(_ name: Name, _ bound: Bound, _ shape: RelationShape, _ context: PlanContext) {
    guard context.field(name, in: shape.schema, of: "the input") != nil else { return nil }
    guard (0...1).contains(bound.value) else {
      context.report.error(
        .wrongValue, "a share lies between 0% and 100%", at: bound.span,
        help: "write it as \"<= 5%\"")
      return nil
    }
    column = name.text
    self.bound = bound
  }

  var reads: Set<String> { [column] }

  func violation(in data: CheckedData) throws -> Violation? {
    let nulls = try data.rows.column(column).nullCount
    let count = data.rows.rowCount
    guard !bound.holds(Double(nulls) / Double(max(1, count))) else { return nil }
    return Violation(
      message:
        "expected a share of nulls in \(column) \(bound.text), found \(nulls) in \(count) rows",
      help: "look at the source, or change the bound",
      offending: .matching("\(ColumnSQL.name(column)) is null"))
  }
}

/// The values of a text column match a regular expression; a null may always stand there.
struct PatternCheck: DataCheck {
  let column: String
  /// True for rows that should not be there.
  let offending: TypedExpression
  /// The same as SQL.
  let sql: String

  static func plan(
    _ name: Name, _ pattern: Phrase, _ shape: RelationShape, _ context: PlanContext
  ) -> PatternCheck? {
    let report = context.report
    guard let field = context.field(name, in: shape.schema, of: "the input") else { return nil }
    guard field.type == .text else {
      report.error(
        .wrongType, "'\(name.text)' is of type \(field.type.sqlName), not a text", at: name.span,
        help: "name a column of texts")
      return nil
    }
    var text = PlacedText()
    text.append("\(ColumnSQL.name(name.text)) !~ ", at: name.span)
    text.append("'\(pattern.text.replacing("'", with: "''"))'", at: pattern.span)
    do throws(Diagnostic) {
      let expression = try Expression(parsing: text.snippet(at: pattern.span))
      return expression.typed(in: shape.schema, as: .bool, "matches", report).map {
        PatternCheck(column: name.text, offending: $0, sql: expression.snippet.text)
      }
    } catch {
      report.add(error)
      return nil
    }
  }

  var reads: Set<String> { offending.columns.union([column]) }

  func violation(in data: CheckedData) throws -> Violation? {
    let evaluation = EvaluationContext(asOf: data.asOf, zone: data.zone)
    let count = try offending.selection(over: data.rows, in: evaluation).count { $0 }
    guard count > 0 else { return nil }
    return Violation(
      message: "expected \(column) to match its pattern, found \(count) of \(data.rows.rowCount) "
        + "rows that do not",
      help: "reject or mend them in a clean stage", offending: .matching(sql))
  }
}
