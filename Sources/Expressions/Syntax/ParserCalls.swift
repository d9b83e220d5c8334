import Diagnostics

/// Calls, and those of which parts have words of their own.
extension Parser {
  static let windowFunctionHelp =
    "features look over the rows of an entity: first(x), last(x), days_since(max(…)); what else a window function gives, the SELECT of an extract can"

  mutating func call(_ name: String) throws(Diagnostic) -> SyntaxNode {
    let nameToken = advance()
    let start = nameToken.range.lowerBound
    advance()
    var call: SyntaxNode.Call
    switch name {
    case "trim": call = try trim(nameToken)
    case "extract": call = try extract(nameToken)
    case "position": call = try position(nameToken)
    default:
      let isStar = accept(symbol: "*")
      let isDistinct = !isStar && accept(word: "distinct")
      if isStar || (!isDistinct && current.isSymbol(")")) {
        try expect(symbol: ")", "to close the arguments of \(name)")
        call = SyntaxNode.Call(name: name, nameRange: nameToken.range, arguments: [])
      } else {
        let arguments = name == "substring" ? try substring() : try list()
        call = SyntaxNode.Call(name: name, nameRange: nameToken.range, arguments: arguments)
      }
      call.isStar = isStar
      call.isDistinct = isDistinct
    }
    if accept(word: "within") { call.ordered = try withinGroup() }
    if current.isWord("over") {
      throw Diagnostic.error(
        .unsupportedSyntax, "window functions are not supported", at: span(current.range),
        help: Self.windowFunctionHelp)
    }
    if accept(word: "filter") {
      try expect(symbol: "(", "after 'filter'")
      try expect(word: "where", "in 'filter (where …)'")
      call.filter = try expression(.or)
      try expect(symbol: ")", "to close 'filter'")
    }
    return try make(.call(call), from: start)
  }

  /// `trim([both | leading | trailing] [characters] from text)` and `trim(text, characters)`.
  private mutating func trim(_ token: Token) throws(Diagnostic) -> SyntaxNode.Call {
    var name = "btrim"
    if ["both", "leading", "trailing"].contains(current.word), !following.isSymbol(")"),
      !following.isSymbol(",")
    {
      let side = advance().word
      name = side == "leading" ? "ltrim" : side == "trailing" ? "rtrim" : "btrim"
    }
    if accept(word: "from") {
      return SyntaxNode.Call(name: name, nameRange: token.range, arguments: try list())
    }
    let first = try expression(.or)
    if accept(word: "from") {
      return SyntaxNode.Call(name: name, nameRange: token.range, arguments: try list() + [first])
    }
    let rest = accept(symbol: ",") ? try list() : []
    if rest.isEmpty { try expect(symbol: ")", "to close the arguments of trim") }
    return SyntaxNode.Call(name: name, nameRange: token.range, arguments: [first] + rest)
  }

  /// `substring(text from start for length)`, either part left out, or with commas.
  private mutating func substring() throws(Diagnostic) -> [SyntaxNode] {
    let text = try expression(.or)
    var start: SyntaxNode?
    var length: SyntaxNode?
    guard current.isWord("from") || current.isWord("for") else {
      let rest = accept(symbol: ",") ? try list() : []
      if rest.isEmpty { try expect(symbol: ")", "to close the arguments of substring") }
      return [text] + rest
    }
    while current.isWord("from") || current.isWord("for") {
      if advance().isWord("from") {
        start = try expression(.or)
      } else {
        length = try expression(.or)
      }
    }
    try expect(symbol: ")", "to close the arguments of substring")
    let one = SyntaxNode(.number("1", isDecimal: false), text.range)
    return [text, start ?? one] + [length].compactMap(\.self)
  }

  /// `extract(field from value)` is `date_part` with another result type; the field is a literal.
  private mutating func extract(_ token: Token) throws(Diagnostic) -> SyntaxNode.Call {
    let field: SyntaxNode
    switch current.kind {
    case .word(let word), .quotedName(let word), .text(let word):
      field = SyntaxNode(.text(word), current.range)
      advance()
    default: throw unexpected("a field such as year should stand here")
    }
    let value: [SyntaxNode]
    if accept(symbol: ",") {
      value = try list()
    } else {
      try expect(word: "from", "in 'extract(field from value)'")
      value = try list()
    }
    return SyntaxNode.Call(name: "extract", nameRange: token.range, arguments: [field] + value)
  }

  /// `position(part in text)` is `strpos(text, part)`.
  private mutating func position(_ token: Token) throws(Diagnostic) -> SyntaxNode.Call {
    let part = try expression(.otherOperator)
    try expect(word: "in", "in 'position(part in text)'")
    let text = try list()
    return SyntaxNode.Call(name: "strpos", nameRange: token.range, arguments: text + [part])
  }

  /// The rest of `within group (order by value)`.
  private mutating func withinGroup() throws(Diagnostic) -> SyntaxNode {
    try expect(word: "group", "after 'within'")
    try expect(symbol: "(", "after 'within group'")
    try expect(word: "order", "in 'within group (order by …)'")
    try expect(word: "by", "in 'within group (order by …)'")
    let value = try expression(.or)
    if current.isWord("desc") || current.isWord("nulls") || current.isSymbol(",") {
      throw Diagnostic.error(
        .unsupportedSyntax, "an aggregate orders by one value, from the least to the greatest",
        at: span(current.range), help: "for percentile_cont, 1 minus the fraction is the same")
    }
    _ = accept(word: "asc")
    try expect(symbol: ")", "to close 'within group'")
    return value
  }
}
