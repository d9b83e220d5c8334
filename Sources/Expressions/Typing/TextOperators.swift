import Diagnostics
import Frames

/// Operators of texts.
extension Typer {
  func concatenation(
    _ left: Operand, _ right: Operand, _ range: Range<Int>
  ) -> TypedNode? {
    if let a = left.type, let b = right.type, a != .text, b != .text {
      error(
        .operatorMismatch, "the operator || does not work on \(a.sqlName) and \(b.sqlName)", range,
        help: "one of them must be a text: cast it with ::text")
      return nil
    }
    guard let a = resolve(left, as: .text).flatMap({ convert($0, to: .text) }),
      let b = resolve(right, as: .text).flatMap({ convert($0, to: .text) })
    else { return nil }
    return TypedNode(.concatenation, by: .joining, [a, b], .text, range: range)
  }

  func like(
    _ syntax: SyntaxNode, _ pattern: SyntaxNode, _ escape: SyntaxNode?, ignoresCase: Bool,
    isNegated: Bool, _ range: Range<Int>
  ) -> TypedNode? {
    let (a, b) = (node(syntax), node(pattern))
    guard let escaping = escapeCharacter(escape), let a, let b else { return nil }
    guard a.type == .text, b.type == .text else {
      mismatch(ignoresCase ? "ilike" : "like", a.type, b.type, range)
      return nil
    }
    return TypedNode(
      .like(escape: escaping, ignoresCase: ignoresCase, isNegated: isNegated),
      by: .like(escape: escaping, ignoresCase: ignoresCase, isNegated: isNegated), [a, b], .bool,
      range: range, isPersonal: false)
  }

  /// The character that `escape` names, a backslash without it; nil inside where `escape ''` says
  /// that there is none.
  private func escapeCharacter(_ syntax: SyntaxNode?) -> Unicode.Scalar?? {
    guard let syntax else { return .some("\\") }
    guard case .text(let text) = syntax.kind, text.unicodeScalars.count <= 1 else {
      error(
        .invalidPattern, "an escape is a quoted text of one character", syntax.range,
        help: "for example escape '!'")
      return nil
    }
    return .some(text.unicodeScalars.first)
  }

  func matches(
    _ test: PatternTest, _ op: BinaryOperator, _ left: Operand, _ right: Operand,
    _ range: Range<Int>
  ) -> TypedNode? {
    guard let text = resolve(left, as: .text) else { return nil }
    if let type = right.type ?? (text.type == .text ? nil : .text),
      type != .text || text.type != .text
    {
      mismatch(op.rawValue, text.type, type, range)
      return nil
    }
    guard case .untyped(let pattern?, let place) = right,
      let literal = literal(pattern, as: .text, place)
    else {
      error(
        .invalidPattern, "the pattern of \(op.rawValue) is no quoted text", right.range,
        help: "a pattern is read when the pipeline is checked, so it stands there literally")
      return nil
    }
    do throws(RegexMistake) {
      let regex = try RegularExpression(pattern, ignoresCase: test.ignoresCase)
      return TypedNode(
        .matches(test), by: .matches(regex, isNegated: test.isNegated), [text, literal], .bool,
        range: range, isPersonal: false)
    } catch {
      self.error(.invalidPattern, error.message, place, help: error.help)
      return nil
    }
  }
}

/// What `~`, `~*`, `!~` and `!~*` ask.
struct PatternTest: Hashable {
  let ignoresCase: Bool
  let isNegated: Bool

  init?(_ op: BinaryOperator) {
    switch op {
    case .matches: self.init(ignoresCase: false, isNegated: false)
    case .matchesIgnoringCase: self.init(ignoresCase: true, isNegated: false)
    case .doesNotMatch: self.init(ignoresCase: false, isNegated: true)
    case .doesNotMatchIgnoringCase: self.init(ignoresCase: true, isNegated: true)
    default: return nil
    }
  }

  private init(ignoresCase: Bool, isNegated: Bool) {
    self.ignoresCase = ignoresCase
    self.isNegated = isNegated
  }
}
