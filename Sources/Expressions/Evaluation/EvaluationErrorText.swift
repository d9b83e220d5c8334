import Diagnostics

extension EvaluationError: CustomStringConvertible {
  /// Where, what, and what to do; never a value.
  public var description: String {
    let place = span.map { "\($0.file.name):\($0.start.line):\($0.start.column): " } ?? ""
    let part = span.map { $0.text.split(whereSeparator: \.isWhitespace).joined(separator: " ") }
    let shown = part.map { " in '\($0.count > 60 ? $0.prefix(59) + "…" : $0)'" } ?? ""
    let at = row.map { ", first in row \($0 + 1) of the input" } ?? ""
    return "\(place)\(message)\(shown)\(at)" + (help.map { "; \($0)" } ?? "")
  }

  private var help: String? {
    switch kind {
    case .divisionByZero: "guard the divisor: a / nullif(b, 0)"
    case .outOfRange: "cast to a wider type before, such as ::numeric or ::float8"
    case .invalidText, .invalidTime, .timeOutOfRange:
      "reject or mend such texts in a step before, or use case"
    case .invalidLogarithm, .invalidPower: "guard it with case or nullif"
    case .invalidArgument, .invalidBucket, .invalidEscape, .invalidLength, .tooLong: nil
    case .schemaMismatch: "this is a mistake in roost; please report it"
    }
  }
}
