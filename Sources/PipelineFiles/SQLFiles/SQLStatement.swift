import Diagnostics
import Frames
import PostgresClient

/// One SELECT as a person wrote it, with `:as_of` and `:name` for parameters of the pipeline.
public struct SQLStatement: Sendable {
  private enum Part {
    case text(Range<Int>)
    case placeholder(name: String, Range<Int>)
  }

  private let snippet: Snippet
  private let parts: [Part]

  /// Finds the placeholders outside texts, quoted names, comments and casts, and leaves out a closing
  /// semicolon.
  public init(_ snippet: Snippet) {
    self.snippet = snippet
    var scan = SQLScan(Array(snippet.text.utf8))
    var parts: [Part] = []
    var start = 0
    while let found = scan.nextPlaceholder() {
      parts.append(.text(start..<found.range.lowerBound))
      parts.append(.placeholder(name: found.name, found.range))
      start = found.range.upperBound
    }
    parts.append(.text(start..<max(start, scan.end)))
    self.parts = parts
  }

  /// Whether there are only comments, blanks and semicolons.
  public var isEmpty: Bool {
    parts.allSatisfy { if case .text(let range) = $0 { range.isEmpty } else { false } }
  }

  /// The statement with literals for its placeholders, each part of it still knowing its place in the
  /// file.
  public func rendered(
    asOf: Instant, parameters: [String: Snippet], _ report: Report
  ) -> Snippet? {
    let bytes = Array(snippet.text.utf8)
    var text: [UInt8] = []
    var offsets: [Int] = []
    var isComplete = true
    for part in parts {
      switch part {
      case .text(let range):
        text += bytes[range]
        offsets += range.map { snippet.span(of: $0..<$0).range.lowerBound }
      case .placeholder(let name, let range):
        let literal: String
        if name == "as_of" {
          literal = "timestamptz '\(asOf.sqlText)'"
        } else if let value = parameters[name] {
          guard let quoted = try? SQL.literal(value.text) else {
            report.error(
              .wrongValue, "the parameter '\(name)' holds a NUL, which no statement can",
              at: value.span, help: "remove it")
            isComplete = false
            continue
          }
          literal = quoted
        } else {
          report.error(
            .unknownParameter, "there is no parameter '\(name)'", at: snippet.span(of: range),
            help: Suggestion.help(for: name, in: parameters.keys.sorted() + ["as_of"]))
          isComplete = false
          continue
        }
        let place = snippet.span(of: range).range.lowerBound
        text += Array(literal.utf8)
        offsets += Array(repeating: place, count: literal.utf8.count)
      }
    }
    guard isComplete else { return nil }
    return Snippet(
      String(decoding: text, as: UTF8.self), span: snippet.span,
      offsets: offsets + [snippet.span.range.upperBound])
  }
}

/// Walks over SQL text as Postgres's lexer would, as far as needed to find placeholders.
private struct SQLScan {
  private let bytes: [UInt8]
  private var at = 0
  /// The end of the statement: before closing blanks and semicolons that were passed so far.
  private(set) var end = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  private func byte(_ place: Int) -> UInt8? { bytes.indices.contains(place) ? bytes[place] : nil }

  mutating func nextPlaceholder() -> (name: String, range: Range<Int>)? {
    while at < bytes.count {
      let start = at
      switch bytes[at] {
      case UInt8(ascii: "'"): skipQuoted(UInt8(ascii: "'"), escapes: false)
      case UInt8(ascii: "\""): skipQuoted(UInt8(ascii: "\""), escapes: false)
      case UInt8(ascii: "-") where byte(at + 1) == UInt8(ascii: "-"):
        while at < bytes.count, bytes[at] != UInt8(ascii: "\n") { at += 1 }
        continue
      case UInt8(ascii: "/") where byte(at + 1) == UInt8(ascii: "*"):
        skipComment()
        continue
      case UInt8(ascii: "$"): if !skipDollarQuoted() { at += 1 }
      case UInt8(ascii: ":") where byte(at + 1) == UInt8(ascii: ":"): at += 2
      case UInt8(ascii: ":"):
        at += 1
        // A digit behind it is the bound of an array's slice.
        if let first = byte(at), isNameStart(first) {
          while let next = byte(at), isName(next) { at += 1 }
          end = at
          return (String(decoding: bytes[(start + 1)..<at], as: UTF8.self), start..<at)
        }
      case let first where isNameStart(first):
        // As a whole: a dollar within a name quotes nothing, and only a lone e begins E'…'.
        while let next = byte(at), isName(next) || next == UInt8(ascii: "$") { at += 1 }
        if at == start + 1, first | 0x20 == UInt8(ascii: "e"), byte(at) == UInt8(ascii: "'") {
          skipQuoted(UInt8(ascii: "'"), escapes: true)
        }
      case let other:
        at += 1
        if other == UInt8(ascii: ";") || other.isBlank || other.isBreak { continue }
      }
      end = at
    }
    return nil
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
