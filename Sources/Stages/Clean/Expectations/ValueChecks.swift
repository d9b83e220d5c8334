import Diagnostics
import Expressions
import Frames
import PipelineFiles
import Relations

/// Columns whose values must lie between two, or be among some; a null may always stand there.
enum ValueChecks {
  enum Rule { case between, accepted }

  static func plan(
    _ entries: EntriesByName<ColumnName, [ValueText]>, _ rule: Rule, _ schema: Schema,
    _ context: PlanContext
  ) -> [RowCheck] {
    entries.entries.compactMap { plan($0.name, $0.value, rule, schema, context) }
  }

  private static func plan(
    _ name: ColumnName, _ values: [ValueText], _ rule: Rule, _ schema: Schema,
    _ context: PlanContext
  ) -> RowCheck? {
    let report = context.report
    guard let field = context.field(name, in: schema, of: "the result") else { return nil }
    let count = values.count
    guard rule == .between ? count == 2 : count > 0 else {
      report.error(
        .wrongValue,
        rule == .between
          ? "'\(name.text)' needs its least and its greatest value" : "no value is accepted",
        at: name.span,
        help: rule == .between
          ? "write it as { \(name.text): [0, 10000] }" : "name at least one value")
      return nil
    }
    if rule == .between, field.type.isNumber, let least = Double(values[0].text),
      let greatest = Double(values[1].text), least > greatest
    {
      report.error(
        .wrongValue, "nothing lies between \(values[0].text) and \(values[1].text)",
        at: values[0].span, help: "write the smaller one first")
      return nil
    }
    var text = PlacedText()
    text.append(ColumnSQL.name(name.text), at: name.span)
    text.append(rule == .between ? " not between " : " not in (", at: name.span)
    for (place, value) in values.enumerated() {
      if place > 0 { text.append(rule == .between ? " and " : ", ", at: value.span) }
      text.append(literal(value.text, field.type), at: value.span)
    }
    if rule == .accepted { text.append(")", at: name.span) }
    do throws(Diagnostic) {
      let expression = try Expression(parsing: text.snippet(at: name.span))
      let subject = rule == .between ? "between" : "accepted"
      guard let typed = expression.typed(in: schema, as: .bool, subject, report) else { return nil }
      let wanted =
        rule == .between
        ? "between \(values[0].text) and \(values[1].text)"
        : count == 1 ? "\(values[0].text)" : "one of \(count) values"
      return .values(ValuesCheck(column: name.text, wanted: wanted, offending: typed))
    } catch {
      report.add(error)
      return nil
    }
  }

  /// Numbers stand as they are; everything else is a text that is read as the column's type.
  static func literal(_ text: String, _ type: ColumnType) -> String {
    let digits = text.hasPrefix("-") ? text.dropFirst() : Substring(text)
    let isNumber =
      digits.first?.isNumber == true && digits.last?.isNumber == true
      && digits.utf8.allSatisfy { (0x30...0x39).contains($0) || $0 == 0x2e }
      && digits.count { $0 == "." } <= 1
    return type.isNumber && isNumber ? text : "'\(text.replacing("'", with: "''"))'"
  }
}

/// A text that is put together from pieces, each of which knows where in a file it came from.
struct PlacedText {
  private var text = ""
  private var offsets: [Int] = []

  mutating func append(_ piece: String, at span: SourceSpan) {
    text += piece
    let range = span.range
    offsets += Array(repeating: range.lowerBound, count: max(0, piece.utf8.count - 1))
    offsets.append(max(range.lowerBound, range.upperBound - 1))
  }

  func snippet(at span: SourceSpan) -> Snippet {
    Snippet(text, span: span, offsets: offsets + [(offsets.last ?? span.range.lowerBound) + 1])
  }
}
