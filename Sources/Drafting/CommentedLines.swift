/// Lines of YAML with comments behind them, which stand below each other.
struct CommentedLines {
  private var lines: [(text: String, comment: String)] = []
  private var width: Int
  private static let limit = 100

  /// - Parameter width: at which column comments begin at the latest, if the line leaves room.
  init(width: Int = 44) { self.width = width }

  mutating func add(_ text: String, _ comment: String = "") {
    lines.append((text, TableReading.oneLine(comment)))
  }

  /// A comment of its own, wrapped.
  mutating func remark(_ text: String, indent: Int = 0) {
    let space = String(repeating: " ", count: indent)
    for line in Self.wrapped(TableReading.oneLine(text), to: Self.limit - 4 - indent) {
      lines.append(("\(space)# \(line)", ""))
    }
  }

  mutating func blank() { lines.append(("", "")) }

  var text: String {
    var result = ""
    var start = 0
    while start < lines.count {
      // Comments are aligned within a paragraph.
      let end = lines[start...].firstIndex { $0.text.isEmpty && $0.comment.isEmpty } ?? lines.count
      let block = lines[start..<end]
      let longest =
        block.filter { !$0.comment.isEmpty && $0.text.count <= width }
        .map(\.text.count).max() ?? 0
      for line in block {
        let indent = line.text.prefix { $0 == " " }
        if !line.comment.isEmpty,
          max(line.text.count, longest) + line.comment.count + 4 > Self.limit
        {
          // No room behind the line.
          for part in Self.wrapped(line.comment, to: Self.limit - 4 - indent.count) {
            result += "\(indent)# \(part)\n"
          }
          result += line.text + "\n"
          continue
        }
        result += line.text
        if !line.comment.isEmpty {
          let gap = max(2, longest + 2 - line.text.count)
          result += String(repeating: " ", count: gap) + "# " + line.comment
        }
        result += "\n"
      }
      if end < lines.count { result += "\n" }
      start = end + 1
    }
    return result
  }

  private static func wrapped(_ text: String, to width: Int) -> [String] {
    var lines: [String] = []
    var line = ""
    for word in text.split(separator: " ") {
      if !line.isEmpty, line.count + 1 + word.count > width {
        lines.append(line)
        line = ""
      }
      line += (line.isEmpty ? "" : " ") + word
    }
    return line.isEmpty ? lines : lines + [line]
  }
}

/// Scalars of YAML, quoted only where they would be read as something else.
enum YAMLText {
  static func scalar(_ text: String) -> String {
    let isWord =
      !text.isEmpty && !NameWords.reserved.contains(text.lowercased())
      && text.unicodeScalars.allSatisfy { scalar in
        scalar.properties.isAlphabetic || scalar.properties.numericType != nil
          || ["_", "."].contains(scalar)
      } && text.unicodeScalars.first?.properties.isAlphabetic == true
    return isWord ? text : quoted(text)
  }

  static func quoted(_ text: String) -> String {
    "\""
      + text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
      .replacing("\n", with: "\\n").replacing("\t", with: "\\t") + "\""
  }

  /// An expression: plain where YAML leaves it alone.
  static func expression(_ text: String) -> String {
    text.contains("\"") || text.contains(": ") || text.contains(" #") ? quoted(text) : text
  }

  static func list(_ texts: [String]) -> String {
    "[" + texts.map(scalar).joined(separator: ", ") + "]"
  }
}
