import Diagnostics
import Frames

/// What is allowed and hardly ever meant.
extension Typer {
  func warning(
    _ code: DiagnosticCode, _ message: String, _ range: Range<Int>, help: String? = nil
  ) {
    report.warning(code, message, at: snippet.span(of: range), help: help)
  }

  /// Warns where one side is a column whose values are all known, and the other a literal that is none
  /// of them.
  func warnOfImpossibleValue(_ left: Operand, _ right: Operand) {
    for (column, other) in [(left, right), (right, left)] {
      guard case .typed(let node) = column, case .column(let name) = node.operation,
        let values = schema[name]?.values, let written = literalText(of: other),
        !values.contains(written)
      else { continue }
      let isText = node.type == .text
      warning(
        .impossibleValue, "'\(name)' is never \(isText ? "'\(written)'" : written)", other.range,
        help: Suggestion.nearest(to: written, in: isText ? values : []).map {
          "did you mean '\($0)'?"
        }
          ?? (values.isEmpty
            ? "it is always null" : "it is one of \(values.joined(separator: ", "))"))
    }
  }

  private func literalText(of operand: Operand) -> String? {
    switch operand {
    case .untyped(let text, _): text
    case .typed(let node): node.type.isInteger ? node.literalInteger.map(String.init) : nil
    }
  }

  /// Warns of `a / b` for whole numbers, unless one of them is written out.
  func warnOfCutOffFraction(_ a: TypedNode, _ b: TypedNode, _ range: Range<Int>) {
    guard a.literalInteger == nil, b.literalInteger == nil else { return }
    let dividend = snippet.part(a.range).text
    let isOneValue = if case .column = a.operation { true } else { false }
    warning(
      .cutOffFraction, "both are whole numbers, so the fraction is cut off: 3 / 4 is 0", range,
      help: "cast one of them: \(isOneValue ? dividend : "(\(dividend))")::float8 / …")
  }
}

extension Expression {
  /// Comparisons of a column that only values after the as-of pass, or the as-of itself:
  /// `column > as_of`, `as_of <= column`.
  public func comparisonsPastAsOf(of column: String) -> [SourceSpan] {
    var found: [SourceSpan] = []
    root.visit { node in
      guard case .binary(let op, let left, let right) = node.kind else { return }
      let (value, limit) =
        switch op {
        case .greater, .greaterOrEqual: (left, right)
        case .less, .lessOrEqual: (right, left)
        default: (node, node)
        }
      guard case .column(let reference) = value.kind, reference.key == column,
        case .asOf = limit.kind
      else { return }
      found.append(snippet.span(of: node.range))
    }
    return found
  }
}
