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
    let colour =
      switch diagnostic.severity {
      case .error: "31"
      case .warning: "33"
      case .note: "36"
      }
    let head = paint("\(diagnostic.severity.rawValue)[\(diagnostic.code.rawValue)]", colour + ";1")
    var lines: [String] = []
    if let span = diagnostic.span {
      let at = span.start
      lines.append(
        "\(SafeText.line(span.file.name)):\(at.line):\(at.column): \(head): "
          + SafeText.lines(diagnostic.message))
      lines += excerpt(span, colour: colour)
    } else {
      lines.append("\(head): \(SafeText.lines(diagnostic.message))")
    }
    if let help = diagnostic.help {
      lines.append("  \(paint("help:", "36")) \(SafeText.lines(help))")
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private func excerpt(_ span: SourceSpan, colour: String) -> [String] {
    let file = span.file
    let at = min(span.range.lowerBound, file.bytes.count)
    let line = file.lineRange(file.lineIndex(of: at))
    // A place in the line break is shown behind the line; a byte order mark belongs to no line.
    let start = min(max(at, line.lowerBound), line.upperBound)
    var before = file.scalars(in: line.lowerBound..<start)
    var marked = file.scalars(in: start..<max(start, min(span.range.upperBound, line.upperBound)))
    var text = file.string(line)
    if file.hidesValues {
      let hidden = HiddenLine(text)
      if before + marked > hidden.shownScalars {
        before = min(before, hidden.shownScalars)
        marked = hidden.shownScalars + 1 - before
      }
      text = hidden.text
    }
    let (source, cut) = shown(text, around: before)
    let number = String(span.start.line)
    let gutter = String(repeating: " ", count: number.count)
    let caretCount = max(1, min(marked, source.count - (before - cut)))
    let padding = String(repeating: " ", count: before - cut)
    let carets = String(repeating: "^", count: caretCount)
    return [
      "  \(number) | \(String(String.UnicodeScalarView(source)))",
      "  \(gutter) | \(padding)\(paint(carets, colour + ";1"))",
    ]
  }

  /// The line as it is shown, and how many scalars are cut off its start: of a very long line only
  /// the part around the caret is shown.
  private func shown(_ line: String, around caret: Int) -> ([Unicode.Scalar], cut: Int) {
    // Tabs and control characters would move the caret or the terminal's cursor.
    let all = line.unicodeScalars.map { $0.properties.generalCategory == .control ? " " : $0 }
    guard all.count > widest else { return (all, 0) }
    let cut = min(max(0, caret - widest / 2), all.count - widest)
    var part = Array(all[cut..<(cut + widest)])
    if cut > 0 { part[0] = "…" }
    if cut + widest < all.count { part[widest - 1] = "…" }
    return (part, cut)
  }

  private func paint(_ text: String, _ code: String) -> String {
    colours ? "\u{1b}[\(code)m\(text)\u{1b}[0m" : text
  }
}
