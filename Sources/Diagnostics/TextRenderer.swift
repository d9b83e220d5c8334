/// Renders messages as `file:line:column: error: …` with the source line, a caret and the remedy.
public struct TextRenderer: Sendable {
  /// Whether to use ANSI colours.
  public let colours: Bool
  private let widest = 160

  public init(colours: Bool = false) { self.colours = colours }

  public func render(_ diagnostics: [Diagnostic]) -> String {
    diagnostics.map(render).joined(separator: "\n")
  }

  /// One message, ending in a line break.
  public func render(_ diagnostic: Diagnostic) -> String {
    let colour = diagnostic.severity == .error ? "31" : "33"
    let head = paint("\(diagnostic.severity.rawValue)[\(diagnostic.code.rawValue)]", colour + ";1")
    var lines: [String] = []
    if let span = diagnostic.span {
      let at = span.start
      lines.append("\(span.file.name):\(at.line):\(at.column): \(head): \(diagnostic.message)")
      lines += excerpt(span, colour: colour)
    } else {
      lines.append("\(head): \(diagnostic.message)")
    }
    if let help = diagnostic.help { lines.append("  \(paint("help:", "36")) \(help)") }
    return lines.joined(separator: "\n") + "\n"
  }

  private func excerpt(_ span: SourceSpan, colour: String) -> [String] {
    let file = span.file
    let start = min(span.range.lowerBound, file.bytes.count)
    let line = file.lineRange(file.lineIndex(of: start))
    let before = file.scalars(in: line.lowerBound..<max(line.lowerBound, start))
    let marked = max(
      1, file.scalars(in: start..<max(start, min(span.range.upperBound, line.upperBound))))
    var scalars = Array(file.string(line).unicodeScalars).map { scalar -> Unicode.Scalar in
      // Tabs and control characters would move the caret or the terminal's cursor.
      scalar.value < 0x20 || scalar.value == 0x7f ? " " : scalar
    }
    // Of a very long line only the part around the caret is shown.
    let cut = before > widest / 2 ? before - widest / 2 : 0
    scalars = Array(scalars.dropFirst(cut).prefix(widest))
    let number = String(span.start.line)
    let gutter = String(repeating: " ", count: number.count)
    let caretCount = max(1, min(marked, scalars.count - (before - cut)))
    let source = String(String.UnicodeScalarView(scalars))
    let padding = String(repeating: " ", count: before - cut)
    let carets = String(repeating: "^", count: caretCount)
    return [
      "  \(number) | \(source)",
      "  \(gutter) | \(padding)\(paint(carets, colour + ";1"))",
    ]
  }

  private func paint(_ text: String, _ code: String) -> String {
    colours ? "\u{1b}[\(code)m\(text)\u{1b}[0m" : text
  }
}
