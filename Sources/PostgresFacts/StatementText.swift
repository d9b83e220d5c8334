/// The text of a single SQL statement.
package enum StatementText {
  /// The text up to the semicolon that ends the statement, if there is one. Semicolons in literals,
  /// quoted names and comments are passed over. (Postgres, section 4.1, "Lexical Structure".)
  package static func withoutTerminator(_ sql: String) -> Substring {
    var scanner = Scanner(bytes: Array(sql.utf8))
    return Substring(sql.utf8.prefix(scanner.endOfStatement()))
  }

  private struct Scanner {
    let bytes: [UInt8]
    var place = 0

    init(bytes: [UInt8]) { self.bytes = bytes }

    mutating func endOfStatement() -> Int {
      while place < bytes.count {
        switch bytes[place] {
        case UInt8(ascii: ";"): return place
        case UInt8(ascii: "'"): skipQuoted(withBackslashes: isEscapeString)
        case UInt8(ascii: "\""): skipQuoted(withBackslashes: false)
        case UInt8(ascii: "$"): skipDollarQuoted()
        case UInt8(ascii: "-") where starts("--"): skip(past: "\n")
        case UInt8(ascii: "/") where starts("/*"): skipBlockComment()
        default: place += 1
        }
      }
      return bytes.count
    }

    /// Whether the quote here follows an `E` that is no part of a longer word.
    private var isEscapeString: Bool {
      guard place > 0, bytes[place - 1] | 0x20 == UInt8(ascii: "e") else { return false }
      return place < 2 || !Self.isWord(bytes[place - 2])
    }

    /// A doubled quote ends one text and starts the next, which comes to the same, except that the
    /// next has the escapes of the first.
    private mutating func skipQuoted(withBackslashes: Bool) {
      let quote = bytes[place]
      place += 1
      while place < bytes.count {
        if withBackslashes, bytes[place] == UInt8(ascii: "\\") {
          place += 2
        } else if bytes[place] == quote {
          place += 1
          guard place < bytes.count, bytes[place] == quote else { return }
          place += 1
        } else {
          place += 1
        }
      }
    }

    private mutating func skipDollarQuoted() {
      let start = place
      place += 1
      if start > 0, Self.isWord(bytes[start - 1]) { return }
      while place < bytes.count, Self.isWord(bytes[place]), bytes[place] != UInt8(ascii: "$") {
        place += 1
      }
      guard place < bytes.count, bytes[place] == UInt8(ascii: "$") else { return }
      place += 1
      skip(past: String(decoding: bytes[start..<place], as: UTF8.self))
    }

    private mutating func skipBlockComment() {
      var depth = 0
      repeat {
        if starts("/*") {
          depth += 1
          place += 2
        } else if starts("*/") {
          depth -= 1
          place += 2
        } else {
          place += 1
        }
      } while depth > 0 && place < bytes.count
    }

    private mutating func skip(past mark: String) {
      while place < bytes.count {
        if starts(mark) {
          place += mark.utf8.count
          return
        }
        place += 1
      }
    }

    private func starts(_ mark: String) -> Bool { bytes[place...].starts(with: mark.utf8) }

    private static func isWord(_ byte: UInt8) -> Bool {
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
        UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"), UInt8(ascii: "$"), 0x80...:
        true
      default: false
      }
    }
  }
}
