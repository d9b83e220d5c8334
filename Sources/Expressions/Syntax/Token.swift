/// A token of an expression and the UTF-8 offsets where it stands in the snippet's text.
struct Token: Sendable, Equatable {
  enum Kind: Sendable, Equatable {
    /// An unquoted name, folded to lower case as Postgres folds it; keywords are words too.
    case word(String)
    case quotedName(String)
    case integer(String)
    case decimal(String)
    case text(String)
    /// An operator or a punctuation mark.
    case symbol(String)
    case end
  }

  let kind: Kind
  let range: Range<Int>

  /// The word if this is an unquoted one.
  var word: String? { if case .word(let word) = kind { word } else { nil } }

  func isWord(_ word: String) -> Bool { self.word == word }
  func isSymbol(_ symbol: String) -> Bool { kind == .symbol(symbol) }

  /// The token as messages name it.
  var described: String {
    switch kind {
    case .word(let word): "'\(word)'"
    case .quotedName(let name): "\"\(name)\""
    case .integer(let digits), .decimal(let digits): "'\(digits)'"
    case .text: "a text"
    case .symbol(let symbol): "'\(symbol)'"
    case .end: "the end of the expression"
    }
  }
}

/// Words that cannot be a column's name without quotes.
let reservedWords: Set<String> = [
  "and", "or", "not", "is", "null", "true", "false", "case", "when", "then", "else", "end", "in",
  "between", "like", "ilike", "cast", "distinct", "from", "as", "select", "where", "order", "group",
  "having", "limit", "union", "as_of",
]
