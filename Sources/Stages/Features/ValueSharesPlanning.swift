import Diagnostics
import Expressions
import Frames
import PipelineFiles

extension ValueShares {
  /// The expression whose values have shares; nil, with a message, where it can have none.
  func typed(in schema: Schema, _ report: Report) -> TypedExpression? {
    guard let typed = of.typed(in: schema, report) else { return nil }
    guard typed.type != .jsonb else {
      report.error(
        .wrongType, "'share_of' is of type jsonb, whose values are not compared",
        at: of.snippet.span, help: "take a text or a number out of it where it is extracted")
      return nil
    }
    return typed
  }

  /// The share of one value: `share(category = 'shoes')`.
  func aggregate(
    of value: ValueText, _ type: ColumnType, in schema: Schema, _ report: Report
  ) -> AggregateExpression? {
    let isColumn = of.columnReferences.first?.span.range == of.snippet.span.range
    let (span, text) = (of.snippet.span, of.snippet.text)
    var share = PlacedText()
    share.append("share(", at: span)
    share.append(isColumn ? text : "(\(text))", at: span)
    share.append(" = ", at: span)
    share.append(ValueChecks.literal(value.text, type), at: value.span)
    share.append(")", at: span)
    // Of the expression everything was said; what is left is the value.
    let silent = Report()
    let parsed = try? Expression(parsing: share.snippet(at: span))
    guard let typed = parsed?.typedAggregate(in: schema, silent) else {
      if let labels = parsed == nil ? nil : of.typed(in: schema, Report())?.labels {
        report.error(
          .wrongValue, "the enum of \(text) has no label '\(value.text)'", at: value.span,
          help: Suggestion.help(for: value.text, in: labels))
        return nil
      }
      report.error(
        .wrongValue, "'\(value.text)' is no value of type \(type.sqlName)", at: value.span,
        help: "\(text) has values of that type; write one that it can have")
      return nil
    }
    for warning in silent.diagnostics { report.add(warning) }
    return typed
  }
}
