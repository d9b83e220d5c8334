import Diagnostics

/// Parses an expression by precedence climbing.
struct Parser {
  /// How deep an expression may be nested. Typing and evaluation recurse over the tree, so this bounds
  /// their stack.
  static let maximumDepth = 100

  let snippet: Snippet
  private let tokens: [Token]
  private var position = 0
  private var depth = 0

  init(_ snippet: Snippet) throws(Diagnostic) {
    self.snippet = snippet
    tokens = try Lexer.tokens(of: snippet)
  }

  mutating func parse() throws(Diagnostic) -> SyntaxNode {
    if current.kind == .end {
      throw Diagnostic.error(
        .unexpectedToken, "the expression is empty", at: span(current.range),
        help: "write one, such as amount > 0")
    }
    let node = try expression(.or)
    guard current.kind == .end else { throw unexpected("the expression should end here") }
    return node
  }

  // MARK: Tokens

  var current: Token { tokens[position] }
  var following: Token { tokens[min(position + 1, tokens.count - 1)] }

  @discardableResult mutating func advance() -> Token {
    let token = current
    if position < tokens.count - 1 { position += 1 }
    return token
  }

  mutating func accept(symbol: String) -> Bool {
    guard current.isSymbol(symbol) else { return false }
    advance()
    return true
  }

  mutating func accept(word: String) -> Bool {
    guard current.isWord(word) else { return false }
    advance()
    return true
  }

  mutating func expect(symbol: String, _ why: String) throws(Diagnostic) {
    guard accept(symbol: symbol) else { throw unexpected("'\(symbol)' is missing \(why)") }
  }

  mutating func expect(word: String, _ why: String) throws(Diagnostic) {
    guard accept(word: word) else { throw unexpected("'\(word)' is missing \(why)") }
  }

  func span(_ range: Range<Int>) -> SourceSpan { snippet.span(of: range) }

  /// The offsets from a start to the end of the last token that was taken.
  func range(from start: Int) -> Range<Int> {
    start..<max(start, position > 0 ? tokens[position - 1].range.upperBound : start)
  }

  /// Whether a comma follows the expression in its file, which nothing but braces without quotes does.
  private var endsAtComma: Bool {
    let (bytes, range) = (snippet.span.file.bytes, snippet.span.range)
    let quotes = [UInt8(ascii: "'"), UInt8(ascii: "\"")]
    guard let last = bytes[range].last, !quotes.contains(last) else { return false }
    return bytes[range.upperBound...].first { $0 != UInt8(ascii: " ") } == UInt8(ascii: ",")
  }

  /// What is most often meant.
  private var remedy: String {
    switch current.kind {
    case .end where endsAtComma:
      "put the expression in quotes: within braces YAML ends an unquoted one at a comma"
    case .end: "finish the expression; YAML ends an unquoted one at ' #' and ': '"
    case .symbol: "write what is missing before it, or remove it"
    default: "texts stand in single quotes, and operators between values"
    }
  }

  func unexpected(_ message: String, help: String? = nil) -> Diagnostic {
    Diagnostic.error(
      .unexpectedToken, "\(current.described) is unexpected: \(message)", at: span(current.range),
      help: help ?? remedy)
  }

  /// Makes a node from a start to here and refuses one that is too deep.
  func make(_ kind: SyntaxNode.Kind, from start: Int) throws(Diagnostic) -> SyntaxNode {
    let node = SyntaxNode(kind, range(from: start))
    if node.depth > Self.maximumDepth { throw tooDeep(node.range) }
    return node
  }

  private func tooDeep(_ range: Range<Int>) -> Diagnostic {
    Diagnostic.error(
      .expressionTooDeep, "the expression is nested more than \(Self.maximumDepth) levels deep",
      at: span(range), help: "compute parts of it in columns of their own first")
  }

  // MARK: Operators

  /// An expression whose operators all bind at least as tightly as `minimum`.
  mutating func expression(_ minimum: Precedence) throws(Diagnostic) -> SyntaxNode {
    depth += 1
    defer { depth -= 1 }
    if depth > Self.maximumDepth { throw tooDeep(current.range) }
    let start = current.range.lowerBound
    var left = try prefix()
    var lastComparison: Precedence?
    while let precedence = infixPrecedence(), precedence >= minimum {
      if precedence == lastComparison {
        throw unexpected(
          "comparisons do not chain", help: "write a < b and b < c, or use parentheses")
      }
      lastComparison = precedence == .comparison || precedence == .membership ? precedence : nil
      left = try infix(left, precedence, from: start)
    }
    return left
  }

  private func infixPrecedence() -> Precedence? {
    switch current.kind {
    case .symbol("::"): return .cast
    case .symbol(let symbol):
      return BinaryOperator(rawValue: symbol == "!=" ? "<>" : symbol)?.precedence
    case .word(let word):
      switch word {
      case "or": return .or
      case "and": return .and
      case "is": return .isTest
      case "in", "between", "like", "ilike": return .membership
      case "at" where following.isWord("time"): return .zone
      case "not" where ["in", "between", "like", "ilike"].contains(following.word):
        return .membership
      default: return nil
      }
    default: return nil
    }
  }

  private mutating func prefix() throws(Diagnostic) -> SyntaxNode {
    let start = current.range.lowerBound
    if accept(word: "not") {
      let operand = try expression(.not)
      return try make(.not(operand), from: start)
    }
    if accept(symbol: "-") {
      let operand = try expression(.sign)
      // As Postgres does, so that the smallest integer can be written.
      if case .number(let digits, let isDecimal) = operand.kind {
        let negated = digits.hasPrefix("-") ? String(digits.dropFirst()) : "-" + digits
        return try make(.number(negated, isDecimal: isDecimal), from: start)
      }
      return try make(.negate(operand), from: start)
    }
    if accept(symbol: "+") { return try expression(.sign) }
    return try primary()
  }

  private mutating func infix(
    _ left: SyntaxNode, _ precedence: Precedence, from start: Int
  ) throws(Diagnostic) -> SyntaxNode {
    switch precedence {
    case .or, .and: return try junction(left, precedence, from: start)
    case .isTest: return try isTest(left, from: start)
    case .membership: return try membership(left, from: start)
    case .zone: return try atTimeZone(left, from: start)
    case .cast:
      advance()
      let type = try typeName()
      return try make(.cast(left, type), from: start)
    default:
      guard case .symbol(let symbol) = advance().kind,
        let op = BinaryOperator(rawValue: symbol == "!=" ? "<>" : symbol)
      else { throw unexpected("an operator should stand here") }
      let right = try expression(precedence.next)
      return try make(.binary(op, left, right), from: start)
    }
  }

  /// `a and b and c` is one node, so that long lists of conditions are not deep.
  private mutating func junction(
    _ left: SyntaxNode, _ precedence: Precedence, from start: Int
  ) throws(Diagnostic) -> SyntaxNode {
    let word = precedence == .or ? "or" : "and"
    var operands = [left]
    while accept(word: word) { operands.append(try expression(precedence.next)) }
    return try make(precedence == .or ? .or(operands) : .and(operands), from: start)
  }

  private mutating func isTest(_ left: SyntaxNode, from start: Int) throws(Diagnostic) -> SyntaxNode
  {
    advance()
    let isNegated = accept(word: "not")
    if accept(word: "distinct") {
      try expect(word: "from", "after 'is distinct'")
      let right = try expression(.comparison)
      return try make(.distinct(left, right, isNegated: isNegated), from: start)
    }
    guard let test = current.word.flatMap(SyntaxNode.Test.init) else {
      throw unexpected(
        "after 'is' comes null, true, false, unknown or distinct from",
        help: "use = to compare with a value")
    }
    advance()
    return try make(.test(left, test, isNegated: isNegated), from: start)
  }

  private mutating func membership(
    _ left: SyntaxNode, from start: Int
  ) throws(Diagnostic) -> SyntaxNode {
    let isNegated = accept(word: "not")
    let word = advance().word
    switch word {
    case "in":
      try expect(symbol: "(", "after 'in'")
      if current.isWord("select") {
        throw Diagnostic.error(
          .unsupportedSyntax, "queries inside of expressions are not supported",
          at: span(current.range), help: "join the other input in a stage of its own")
      }
      let list = try list()
      return try make(.within(left, list, isNegated: isNegated), from: start)
    case "between":
      let low = try expression(.otherOperator)
      try expect(word: "and", "in 'between … and …'")
      let high = try expression(.otherOperator)
      return try make(.between(left, low, high, isNegated: isNegated), from: start)
    default:
      let pattern = try expression(.otherOperator)
      let escape = accept(word: "escape") ? try expression(.otherOperator) : nil
      return try make(
        .like(
          left, pattern, escape: escape, ignoresCase: word == "ilike", isNegated: isNegated),
        from: start)
    }
  }

  /// `time at time zone name` is the function `timezone(name, time)`, as in Postgres.
  private mutating func atTimeZone(
    _ left: SyntaxNode, from start: Int
  ) throws(Diagnostic) -> SyntaxNode {
    let nameRange = advance().range
    advance()
    try expect(word: "zone", "after 'at time'")
    let zone = try expression(Precedence.zone.next)
    return try make(
      .call(SyntaxNode.Call(name: "timezone", nameRange: nameRange, arguments: [zone, left])),
      from: start)
  }

  /// Expressions between commas up to a closing parenthesis, which is taken too.
  mutating func list() throws(Diagnostic) -> [SyntaxNode] {
    var nodes = [try expression(.or)]
    while accept(symbol: ",") { nodes.append(try expression(.or)) }
    try expect(symbol: ")", "to close the list")
    return nodes
  }
}
