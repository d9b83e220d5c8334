/// Lays out a reference for a terminal: names in a column, what is said of them beside it.
public struct ReferenceLayout {
  /// Columns of the terminal.
  private let width: Int

  public init(width: Int) { self.width = max(40, width) }

  /// Rows of a name and paragraphs; the names stand in a column of their own, those that are too long for it
  /// above their paragraphs.
  public func table(_ rows: [(name: String, paragraphs: [String])]) -> [String] {
    let column = min((rows.map(\.name.count).max() ?? 0) + 2, width / 2)
    return rows.flatMap { row in
      let lines = row.paragraphs.flatMap { wrapped($0, to: width - column) }
      let isTooLong = row.name.count >= column
      let beside = lines.enumerated().map { place, line in
        let name = place == 0 && !isTooLong ? row.name : ""
        return name + String(repeating: " ", count: column - name.count) + line
      }
      return (isTooLong ? [row.name] : []) + beside
    }
  }

  /// Breaks a text at spaces; a word that is longer than a line stands alone.
  public func wrapped(_ text: String, to limit: Int? = nil) -> [String] {
    var lines = [""]
    for word in text.split(separator: " ") {
      let line = lines[lines.count - 1]
      if line.isEmpty {
        lines[lines.count - 1] = String(word)
      } else if line.count + 1 + word.count <= limit ?? width {
        lines[lines.count - 1] += " " + word
      } else {
        lines.append(String(word))
      }
    }
    return lines
  }
}
