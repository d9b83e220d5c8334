import Diagnostics
import Frames
import PostgresFacts

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

  /// Where a placeholder first stands; nil where it does not.
  public func span(of placeholder: String) -> SourceSpan? {
    for case .placeholder(placeholder, let range) in parts { return snippet.span(of: range) }
    return nil
  }

  /// The statement with literals for its placeholders, each part of it still knowing its place in the
  /// file.
  /// - Parameters:
  ///   - keeping: a placeholder whose value is not known yet.
  ///   - dated: what stands for the as-of, where that is no literal.
  public func rendered(
    asOf: Instant, parameters: [String: Snippet], keeping kept: String? = nil,
    dated: String? = nil, _ report: Report
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
        if name == kept {
          text += bytes[range]
          offsets += range.map { snippet.span(of: $0..<$0).range.lowerBound }
          continue
        } else if name == "as_of" {
          literal = dated ?? "timestamptz '\(asOf.sqlText)'"
        } else if let value = parameters[name] {
          guard let quoted = try? SQL.literal(value.text) else {
            report.error(
              .wrongValue, "the parameter '\(name)' holds a NUL, which no statement can",
              at: value.span, help: "remove it")
            isComplete = false
            continue
          }
          literal = quoted
        } else if isBound(range, bytes) {
          text += bytes[range]
          offsets += range.map { snippet.span(of: $0..<$0).range.lowerBound }
          continue
        } else {
          report.error(
            .unknownParameter, "there is no parameter '\(name)'", at: snippet.span(of: range),
            help: Suggestion.help(
              for: name, in: parameters.keys.sorted() + ["as_of"] + (kept.map { [$0] } ?? [])))
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

  /// Whether what looks like a placeholder may be the upper bound of an array's slice from its start on:
  /// `tags[:n]`, and not `ARRAY[:n]`.
  private func isBound(_ range: Range<Int>, _ bytes: [UInt8]) -> Bool {
    let before = bytes[..<range.lowerBound].reversed().drop { $0.isBlank || $0.isBreak }
    guard before.first == UInt8(ascii: "[") else { return false }
    let word = before.dropFirst().drop { $0.isBlank || $0.isBreak }.prefix(5)
    return String(decoding: word.reversed(), as: UTF8.self).lowercased() != "array"
  }
}
