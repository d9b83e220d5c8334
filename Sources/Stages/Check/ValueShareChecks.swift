import Diagnostics
import Expressions
import PipelineFiles
import Relations

extension Bound {
  /// The typed check that the share of nulls in a column keeps to it; nil where something is wrong, which
  /// the report then says.
  func planShareOfNulls(
    of name: ColumnName, _ shape: RelationShape, _ context: PlanContext
  ) -> RowCheck? {
    guard context.field(name, in: shape.schema, of: "the input") != nil else { return nil }
    guard (0...1).contains(value) else {
      context.report.error(
        .wrongValue, "a share lies between 0% and 100%", at: span,
        help: "write it as \"<= 5%\"")
      return nil
    }
    return .shareOfNulls(name.text, limit)
  }
}

extension RegexText {
  /// The typed check that the values of a text column match it, a regular expression; nil where something
  /// is wrong, which the report then says.
  func planPattern(
    of name: ColumnName, _ shape: RelationShape, _ context: PlanContext
  ) -> RowCheck? {
    let report = context.report
    guard let field = context.field(name, in: shape.schema, of: "the input") else { return nil }
    guard field.type == .text else {
      report.error(
        .wrongType, "'\(name.text)' is of type \(field.type.sqlName), not a text", at: name.span,
        help: "name a column of texts")
      return nil
    }
    var condition = PlacedText()
    condition.append("\(ColumnSQL.name(name.text)) !~ ", at: name.span)
    condition.append("'\(text.replacing("'", with: "''"))'", at: span)
    do throws(Diagnostic) {
      let expression = try Expression(parsing: condition.snippet(at: span))
      return expression.typed(in: shape.schema, as: .bool, "matches", report).map {
        .matches(ValuesCheck(column: name.text, wanted: "its pattern", offending: $0))
      }
    } catch {
      report.add(error)
      return nil
    }
  }
}
