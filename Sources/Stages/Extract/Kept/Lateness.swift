import Diagnostics
import Frames
import PipelineFiles

/// How far behind the greatest watermark rows may still come: a duration for times, a number for keys.
struct Lateness: Word, CustomStringConvertible {
  static let word = WordShape(
    name: "a duration, or a number of keys", example: "1d", pattern: "^[0-9]+[dhm]?$",
    scalars: [.string, .number])

  enum Measure: Sendable, Hashable {
    case span(Span)
    case keys(Int64)
  }

  let measure: Measure
  let place: SourceSpan?

  init(_ measure: Measure) {
    self.measure = measure
    place = nil
  }

  init(parsing snippet: Snippet) throws {
    place = snippet.span
    if !snippet.text.isEmpty, snippet.text.allSatisfy(\.isNumber) {
      guard let keys = Int64(snippet.text), keys <= 1_000_000_000_000 else {
        throw WordTrouble(
          "'\(snippet.excerpt)' is more than a trillion keys", help: "write a smaller number")
      }
      measure = .keys(keys)
    } else {
      measure = .span(try PipelineFiles.Duration(parsing: snippet).span)
    }
  }

  /// What is used where nothing is said.
  static func preset(for type: ColumnType) -> Lateness {
    Lateness(type.isTime ? .span(.days(1)) : .keys(10_000))
  }

  var isSpan: Bool { if case .span = measure { true } else { false } }

  var description: String { isSpan ? written : "\(written) keys" }

  /// As in a pipeline.
  var written: String {
    switch measure {
    case .span(let span): span.description
    case .keys(let keys): String(keys)
    }
  }
}
