/// A piece of SQL text that is neither blank nor comment.
struct SQLToken: Hashable {
  enum Kind: Hashable {
    /// A key word or a name without quotes.
    case word
    case quotedName
    /// A literal in quotes of any kind.
    case text
    case symbol(UInt8)
    case placeholder(name: String)
  }

  let kind: Kind
  /// UTF-8 offsets.
  let range: Range<Int>

  func isSymbol(_ symbol: Unicode.Scalar) -> Bool { kind == .symbol(UInt8(ascii: symbol)) }
}

/// Walks over SQL text as Postgres's lexer would, as far as needed to find placeholders, names and the
/// ends of statements.
struct SQLScan {
  private let bytes: [UInt8]
  private var at = 0
  /// For each bracket that is open, whether it selects from an array rather than makes one.
  private var brackets: [Bool] = []
  /// Whether a value may have ended with the last token.
  private var isBehindValue = false
  private var isBehindArray = false
  /// The end of the statement: before closing blanks and semicolons that were passed so far.
  private(set) var end = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  private func byte(_ place: Int) -> UInt8? { bytes.indices.contains(place) ? bytes[place] : nil }

  mutating func nextPlaceholder() -> (name: String, range: Range<Int>)? {
    while let token = next() {
      if case .placeholder(let name) = token.kind { return (name, token.range) }
    }
    return nil
  }

  mutating func next() -> SQLToken? {
    while at < bytes.count {
      let start = at
      switch bytes[at] {
      case UInt8(ascii: "-") where byte(at + 1) == UInt8(ascii: "-"):
        while at < bytes.count, bytes[at] != UInt8(ascii: "\n") { at += 1 }
      case UInt8(ascii: "/") where byte(at + 1) == UInt8(ascii: "*"): skipComment()
      case let blank where blank.isBlank || blank.isBreak: at += 1
      default:
        let kind = take()
        follow(kind, bytes[start..<at])
        if kind != .symbol(UInt8(ascii: ";")) { end = at }
        return SQLToken(kind: kind, range: start..<at)
      }
    }
    return nil
  }

  /// Passes over one token.
  private mutating func take() -> SQLToken.Kind {
    let start = at
    let first = bytes[at]
    switch first {
    case UInt8(ascii: "'"):
      skipQuoted(first, escapes: false)
      return .text
    case UInt8(ascii: "\""):
      skipQuoted(first, escapes: false)
      return .quotedName
    case UInt8(ascii: "$"):
      if skipDollarQuoted() { return .text }
      at += 1
    case UInt8(ascii: ":") where byte(at + 1) == UInt8(ascii: ":"): at += 2
    case UInt8(ascii: ":"):
      at += 1
      // Behind a value in brackets, and before a digit, it divides the bounds of an array's slice.
      if isBehindValue, brackets.last == true { break }
      if let next = byte(at), isNameStart(next) {
        while let next = byte(at), isName(next) { at += 1 }
        return .placeholder(name: String(decoding: bytes[(start + 1)..<at], as: UTF8.self))
      }
    case let letter where isNameStart(letter):
      // As a whole: a dollar within a name quotes nothing, and only a lone e begins E'…'.
      while let next = byte(at), isName(next) || next == UInt8(ascii: "$") { at += 1 }
      if at == start + 1, letter | 0x20 == UInt8(ascii: "e"), byte(at) == UInt8(ascii: "'") {
        skipQuoted(UInt8(ascii: "'"), escapes: true)
        return .text
      }
      return .word
    default: at += 1
    }
    return .symbol(first)
  }

  /// Keeps in mind what a token means for a colon behind it.
  private mutating func follow(_ kind: SQLToken.Kind, _ text: ArraySlice<UInt8>) {
    switch kind {
    case .symbol(UInt8(ascii: "[")): brackets.append(isBehindValue && !isBehindArray)
    case .symbol(UInt8(ascii: "]")): _ = brackets.popLast()
    default: break
    }
    isBehindArray =
      kind == .word && String(decoding: text, as: UTF8.self).lowercased() == "array"
    switch kind {
    case .word, .quotedName, .text, .placeholder: isBehindValue = true
    case .symbol(let symbol):
      isBehindValue =
        [UInt8(ascii: ")"), UInt8(ascii: "]")].contains(symbol)
        || symbol >= UInt8(ascii: "0") && symbol <= UInt8(ascii: "9")
    }
  }

  /// Postgres takes every byte of a letter outside ASCII as a letter.
  private func isNameStart(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: "_") || byte >= 0x80
      || (byte | 0x20) >= UInt8(ascii: "a") && (byte | 0x20) <= UInt8(ascii: "z")
  }

  private func isName(_ byte: UInt8) -> Bool {
    isNameStart(byte) || byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")
  }

  private mutating func skipQuoted(_ quote: UInt8, escapes: Bool) {
    at += 1
    while at < bytes.count {
      if escapes, bytes[at] == UInt8(ascii: "\\") {
        at += 2
      } else if bytes[at] == quote {
        at += 1
        if byte(at) != quote { break }
        at += 1
      } else {
        at += 1
      }
    }
    at = min(at, bytes.count)
  }

  private mutating func skipComment() {
    var depth = 0
    repeat {
      if byte(at) == UInt8(ascii: "/"), byte(at + 1) == UInt8(ascii: "*") {
        depth += 1
        at += 2
      } else if byte(at) == UInt8(ascii: "*"), byte(at + 1) == UInt8(ascii: "/") {
        depth -= 1
        at += 2
      } else {
        at += 1
      }
    } while depth > 0 && at < bytes.count
    at = min(at, bytes.count)
  }

  /// Skips `$tag$ … $tag$`; false where the dollar begins no such text.
  private mutating func skipDollarQuoted() -> Bool {
    var close = at + 1
    if let first = byte(close), first != UInt8(ascii: "$"), !isNameStart(first) { return false }
    while let next = byte(close), isName(next) { close += 1 }
    guard byte(close) == UInt8(ascii: "$") else { return false }
    let tag = bytes[at...close]
    var place = close + 1
    while place + tag.count <= bytes.count {
      if bytes[place..<(place + tag.count)] == tag {
        at = place + tag.count
        return true
      }
      place += 1
    }
    at = bytes.count
    return true
  }
}
