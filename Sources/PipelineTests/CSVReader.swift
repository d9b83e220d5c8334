import Diagnostics
import PipelineFiles

/// Reads CSV (RFC 4180) so that each field knows its place. As in Postgres, a field that is empty
/// and not quoted is null.
struct CSVReader {
  private static let quote = UInt8(ascii: "\"")
  private let file: SourceFile
  private let bytes: [UInt8]
  private var at: Int

  init(_ file: SourceFile) {
    self.file = file
    bytes = file.bytes
    at = file.whole.range.lowerBound
  }

  /// The fields of each line; empty lines are left out.
  func lines() throws(Diagnostic) -> [[Cell]] {
    var reader = self
    var lines: [[Cell]] = []
    while reader.at < reader.bytes.count {
      let line = try reader.line()
      if line.count > 1 || line.first?.text != nil { lines.append(line) }
    }
    return lines
  }

  private func isAt(_ character: Unicode.Scalar) -> Bool {
    at < bytes.count && bytes[at] == UInt8(ascii: character)
  }

  private mutating func line() throws(Diagnostic) -> [Cell] {
    var cells = [try field()]
    while isAt(",") {
      at += 1
      cells.append(try field())
    }
    if isAt("\r") { at += 1 }
    if isAt("\n") { at += 1 }
    return cells
  }

  private mutating func field() throws(Diagnostic) -> Cell {
    let start = at
    guard isAt("\"") else {
      while at < bytes.count, !isAt(","), !isAt("\n"), !isAt("\r") { at += 1 }
      let text = String(decoding: bytes[start..<at], as: UTF8.self)
      return Cell(text: text.isEmpty ? nil : text, span: SourceSpan(file: file, range: start..<at))
    }
    at += 1
    var text: [UInt8] = []
    while at < bytes.count {
      if isAt("\"") {
        at += 1
        guard isAt("\"") else {
          let span = SourceSpan(file: file, range: start..<at)
          guard at == bytes.count || isAt(",") || isAt("\n") || isAt("\r") else {
            throw Diagnostic(
              .wrongShape, "text stands behind a closing quote", at: span,
              help: "write a quote within quotes twice")
          }
          return Cell(text: String(decoding: text, as: UTF8.self), span: span)
        }
      }
      text.append(bytes[at])
      at += 1
    }
    throw Diagnostic(
      .wrongShape, "the quote is not closed",
      at: SourceSpan(file: file, range: start..<(start + 1)), help: "close it with \"")
  }
}
