import Diagnostics

/// Values, names, calls, and the constructs with words of their own.
extension Parser {
  mutating func primary() throws(Diagnostic) -> SyntaxNode {
    let token = current
    let start = token.range.lowerBound
    switch token.kind {
    case .integer(let digits):
      advance()
      return try make(.number(digits, isDecimal: false), from: start)
    case .decimal(let digits):
      advance()
      return try make(.number(digits, isDecimal: true), from: start)
    case .text(let text):
      advance()
      return try make(.text(text), from: start)
    case .quotedName: return try column()
    case .word(let word): return try named(word)
    case .symbol("("):
      advance()
      let inner = try expression(.or)
      if current.isSymbol(",") {
        throw Diagnostic.error(
          .unsupportedSyntax, "rows of several values are not supported", at: span(current.range),
          help: "compare one value after the other: a = 1 and b = 2")
      }
      try expect(symbol: ")", "to close the parenthesis")
      return inner
    case .symbol("*"):
      throw unexpected("'*' stands for all rows only in count(*)")
    case .symbol, .end: throw unexpected("a value should stand here")
    }
  }

  private mutating func named(_ word: String) throws(Diagnostic) -> SyntaxNode {
    let start = current.range.lowerBound
    switch word {
    case "true", "false":
      advance()
      return try make(.boolean(word == "true"), from: start)
    case "null":
      advance()
      return try make(.null, from: start)
    case "as_of":
      advance()
      return try make(.asOf, from: start)
    case "case": return try choice()
    case "cast": return try cast()
    case "date", "timestamp", "timestamptz", "interval", "numeric":
      if case .text(let text) = following.kind {
        let type = SyntaxNode.TypeName(name: word, modifiers: [], range: current.range)
        advance()
        let literal = SyntaxNode(.text(text), current.range)
        advance()
        return try make(.cast(literal, type), from: start)
      }
    case "select":
      throw Diagnostic.error(
        .unsupportedSyntax, "queries inside of expressions are not supported",
        at: span(current.range), help: "join the other input in a stage of its own")
    default: break
    }
    if following.isSymbol("(") { return try call(word) }
    if reservedWords.contains(word) { throw unexpected("a value should stand here") }
    return try column()
  }

  private mutating func column() throws(Diagnostic) -> SyntaxNode {
    let start = current.range.lowerBound
    var parts = [try name()]
    while accept(symbol: ".") { parts.append(try name()) }
    if parts.count > 2 {
      throw Diagnostic.error(
        .unexpectedToken, "a column has at most one qualifier", at: span(range(from: start)),
        help: "write input.column")
    }
    let reference = ColumnReference(
      qualifier: parts.count == 2 ? parts[0].text : nil, name: parts[parts.count - 1].text,
      span: span(range(from: start)), isQuoted: parts.contains(where: \.isQuoted))
    return try make(.column(reference), from: start)
  }

  private mutating func name() throws(Diagnostic) -> (text: String, isQuoted: Bool) {
    switch current.kind {
    case .word(let word):
      advance()
      return (word, false)
    case .quotedName(let name):
      if name.isEmpty { throw unexpected("a name cannot be empty") }
      advance()
      return (name, true)
    default: throw unexpected("a name should stand here")
    }
  }

  private mutating func choice() throws(Diagnostic) -> SyntaxNode {
    let start = advance().range.lowerBound
    let operand = current.isWord("when") ? nil : try expression(.or)
    var branches: [SyntaxNode.Branch] = []
    while accept(word: "when") {
      let condition = try expression(.or)
      try expect(word: "then", "in 'case'")
      branches.append(SyntaxNode.Branch(condition: condition, value: try expression(.or)))
    }
    if branches.isEmpty { throw unexpected("'case' needs at least one 'when'") }
    let otherwise = accept(word: "else") ? try expression(.or) : nil
    try expect(word: "end", "to close 'case'")
    return try make(
      .choice(operand: operand, branches: branches, otherwise: otherwise), from: start)
  }

  private mutating func cast() throws(Diagnostic) -> SyntaxNode {
    let start = advance().range.lowerBound
    try expect(symbol: "(", "after 'cast'")
    let operand = try expression(.or)
    try expect(word: "as", "in 'cast(value as type)'")
    let type = try typeName()
    try expect(symbol: ")", "to close 'cast'")
    return try make(.cast(operand, type), from: start)
  }

  mutating func typeName() throws(Diagnostic) -> SyntaxNode.TypeName {
    let start = current.range.lowerBound
    guard case .word(var name) = current.kind else { throw unexpected("a type should stand here") }
    advance()
    if name == "double" {
      try expect(word: "precision", "after 'double'")
      name = "double precision"
    } else if name == "character", accept(word: "varying") {
      name = "varchar"
    }
    var modifiers: [Int] = []
    if accept(symbol: "(") {
      repeat {
        guard case .integer(let digits) = current.kind, let modifier = Int(digits) else {
          throw unexpected("a number of digits should stand here")
        }
        advance()
        modifiers.append(modifier)
      } while accept(symbol: ",")
      try expect(symbol: ")", "to close the type")
    }
    if name == "timestamp", current.isWord("with") || current.isWord("without") {
      if advance().isWord("with") { name = "timestamptz" }
      try expect(word: "time", "in the type's name")
      try expect(word: "zone", "in the type's name")
    }
    return SyntaxNode.TypeName(name: name, modifiers: modifiers, range: range(from: start))
  }
}
