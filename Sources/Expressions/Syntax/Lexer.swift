import Diagnostics

/// Cuts the text of an expression into tokens, after Postgres's lexical rules.
struct Lexer {
  private let snippet: Snippet
  private let bytes: [UInt8]
  private var position = 0

  init(_ snippet: Snippet) {
    self.snippet = snippet
    bytes = Array(snippet.text.utf8)
  }

  /// All tokens, the last of which is `.end`.
  static func tokens(of snippet: Snippet) throws(Diagnostic) -> [Token] {
    var lexer = Lexer(snippet)
    var tokens: [Token] = []
    while true {
      let token = try lexer.next()
      tokens.append(token)
      if token.kind == .end { return tokens }
    }
  }

  private func peek(_ ahead: Int = 0) -> UInt8 {
    position + ahead < bytes.count ? bytes[position + ahead] : 0
  }

  private mutating func next() throws(Diagnostic) -> Token {
    while position < bytes.count, isSpace(bytes[position]) { position += 1 }
    let start = position
    guard start < bytes.count else { return Token(kind: .end, range: start..<start) }
    let kind: Token.Kind
    switch bytes[start] {
    case UInt8(ascii: "'"): kind = .text(try quoted(by: UInt8(ascii: "'"), "text"))
    case UInt8(ascii: "\""): kind = .quotedName(try quoted(by: UInt8(ascii: "\""), "name"))
    case let byte where isDigit(byte) || (byte == UInt8(ascii: ".") && isDigit(peek(1))):
      kind = try number()
    case let byte where isNameStart(byte): kind = try word()
    default: kind = .symbol(try symbol())
    }
    return Token(kind: kind, range: start..<position)
  }

  private mutating func quoted(by quote: UInt8, _ what: String) throws(Diagnostic) -> String {
    let start = position
    position += 1
    var content: [UInt8] = []
    while position < bytes.count {
      if bytes[position] == quote {
        if peek(1) != quote {
          position += 1
          return String(decoding: content, as: UTF8.self)
        }
        position += 1
      }
      content.append(bytes[position])
      position += 1
    }
    let mark = quote == UInt8(ascii: "'") ? "'" : "\""
    throw Diagnostic.error(
      .unterminated, "the \(what) that begins here has no closing \(mark)",
      at: snippet.span(of: start..<bytes.count),
      help: "close it with \(mark); a \(mark) inside is written twice")
  }

  private mutating func number() throws(Diagnostic) -> Token.Kind {
    let start = position
    var isDecimal = false
    while isDigit(peek()) { position += 1 }
    if peek() == UInt8(ascii: "."), peek(1) != UInt8(ascii: ".") {
      isDecimal = true
      position += 1
      while isDigit(peek()) { position += 1 }
    }
    if peek() | 0x20 == UInt8(ascii: "e") {
      let sign = peek(1) == UInt8(ascii: "+") || peek(1) == UInt8(ascii: "-") ? 2 : 1
      if isDigit(peek(sign)) {
        isDecimal = true
        position += sign
        while isDigit(peek()) { position += 1 }
      }
    }
    let text = String(decoding: bytes[start..<position], as: UTF8.self)
    if position < bytes.count, isNamePart(bytes[position]) {
      while position < bytes.count, isNamePart(bytes[position]) { position += 1 }
      throw Diagnostic.error(
        .unexpectedToken, "the number '\(text)' runs into a name",
        at: snippet.span(of: start..<position),
        help: "a name that begins with a digit needs double quotes")
    }
    return isDecimal ? .decimal(text) : .integer(text)
  }

  private mutating func word() throws(Diagnostic) -> Token.Kind {
    let start = position
    while position < bytes.count, isNamePart(bytes[position]) { position += 1 }
    // Postgres folds ASCII letters only.
    let folded = bytes[start..<position].map { (0x41...0x5a).contains($0) ? $0 | 0x20 : $0 }
    if position - start == 1, peek() == UInt8(ascii: "'"),
      ["e", "b", "x", "n", "u"].contains(String(decoding: folded, as: UTF8.self))
    {
      throw Diagnostic.error(
        .unsupportedSyntax, "texts with a prefix are not supported",
        at: snippet.span(of: start..<position + 1), help: "write the text as '…'")
    }
    return .word(String(decoding: folded, as: UTF8.self))
  }

  private static let symbols = [
    "!~*", "!~", "~*", "~", "::", "<=", ">=", "<>", "!=", "||", "(", ")", ",", ".", "+", "-", "*",
    "/", "%", "^", "=", "<", ">",
  ]

  /// What people write who come from another language, and what to write instead.
  private static let foreign: [(String, String)] = [
    ("==", "use = to compare"), ("&&", "use and"), ("!", "use not"),
    ("--", "expressions have no comments; write - (-x) for two minus signs"),
    ("/*", "expressions have no comments"), (";", "an expression is one value, without ;"),
    ("$", "a parameter is written ${name} in the file"),
    (":", "use ::type for a cast; the as-of instant is as_of"),
    ("`", "names are quoted with double quotes"), ("[", "arrays are not supported"),
    ("|", "texts are joined with ||"), ("?", "use case when … then … else … end"),
  ]

  private mutating func symbol() throws(Diagnostic) -> String {
    let rest = bytes[position..<min(position + 3, bytes.count)]
    func starts(_ text: String) -> Bool { rest.starts(with: text.utf8) }
    if !starts("!="), !starts("!~"), !starts("::"), !starts("||"),
      let (symbol, help) = Self.foreign.first(where: { starts($0.0) })
    {
      throw Diagnostic.error(
        .unexpectedToken, "'\(symbol)' is not used in SQL expressions",
        at: snippet.span(of: position..<position + symbol.utf8.count), help: help)
    }
    guard let symbol = Self.symbols.first(where: starts) else {
      throw Diagnostic.error(
        .unexpectedToken, "this character means nothing in an expression",
        at: snippet.span(of: position..<position + 1),
        help: "remove it; texts stand in single quotes")
    }
    position += symbol.utf8.count
    return symbol
  }

  private func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0d).contains(byte) }
  private func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
  private func isNameStart(_ byte: UInt8) -> Bool {
    (0x61...0x7a).contains(byte | 0x20) || byte == UInt8(ascii: "_") || byte >= 0x80
  }
  private func isNamePart(_ byte: UInt8) -> Bool { isNameStart(byte) || isDigit(byte) }
}
