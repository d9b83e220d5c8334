/// The reference of stage kinds for a terminal.
public struct StageText {
  private let registry: StageRegistry
  /// Columns of the terminal.
  private let width: Int

  public init(_ registry: StageRegistry, width: Int) {
    self.registry = registry
    self.width = max(40, width)
  }

  /// The kinds, each with its sentence.
  public var kinds: [String] {
    table(registry.kinds.map { ("  " + $0.kind, [$0.about]) })
  }

  /// All keys of a kind and an example; nil where there is no such kind.
  public func kind(_ name: String) -> [String]? {
    guard let kind = registry.kind(named: name) else { return nil }
    var lines = record(kind.kind, about: kind.about, shape: kind.shape)
    lines += ["", "Example:"]
    lines += kind.example.split(separator: "\n", omittingEmptySubsequences: false).map { "  " + $0 }
    return lines
  }

  /// What something is, and all its keys.
  public func record(_ name: String, about: String, shape: Shape) -> [String] {
    wrapped("\(name): \(about)", to: width) + ["", "Keys:"] + table(rows(of: shape.keys, depth: 1))
  }

  private func rows(of keys: [KeyShape], depth: Int) -> [(String, [String])] {
    keys.flatMap { key -> [(String, [String])] in
      let (inner, suffix) = key.shape.innermost
      let row = (
        String(repeating: "  ", count: depth) + key.name + (inner.keys.isEmpty ? "" : suffix),
        [key.about, key.remarks { $0 }].filter { !$0.isEmpty }
      )
      return [row] + rows(of: inner.keys, depth: depth + 1)
    }
  }

  /// Rows of a name and paragraphs; the names stand in a column of their own.
  private func table(_ rows: [(name: String, paragraphs: [String])]) -> [String] {
    let column = min((rows.map(\.name.count).max() ?? 0) + 2, width / 2)
    return rows.flatMap { row in
      let lines = row.paragraphs.flatMap { wrapped($0, to: width - column) }
      return lines.enumerated().map { place, line in
        let name = place == 0 ? row.name : ""
        return name + String(repeating: " ", count: max(column - name.count, 1)) + line
      }
    }
  }

  /// Breaks a text at spaces; a word that is longer than a line stands alone.
  private func wrapped(_ text: String, to width: Int) -> [String] {
    var lines = [""]
    for word in text.split(separator: " ") {
      let line = lines[lines.count - 1]
      if line.isEmpty {
        lines[lines.count - 1] = String(word)
      } else if line.count + 1 + word.count <= width {
        lines[lines.count - 1] += " " + word
      } else {
        lines.append(String(word))
      }
    }
    return lines
  }
}
