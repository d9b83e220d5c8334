/// Keys as a table in Markdown: what each takes, what it is for, its default.
public enum KeyTable {
  public static func lines(of shape: Shape) -> [String] {
    let keys = shape.keys
    guard !keys.isEmpty else { return [] }
    var lines = ["| key | takes | |", "|---|---|---|"]
    for (name, key) in flattened(keys, below: "") {
      let preset = key.preset.map { " Default: `\($0)`." } ?? (key.isRequired ? " Required." : "")
      lines.append("| `\(name)` | \(key.shape.takes { "`\($0)`" }) | \(key.about)\(preset) |")
    }
    return lines
  }

  /// Keys with those below them: `label.within`, `steps[].reject.where`.
  private static func flattened(_ keys: [KeyShape], below path: String) -> [(String, KeyShape)] {
    keys.flatMap { key -> [(String, KeyShape)] in
      let name = path + key.name
      let (inner, suffix) = key.shape.innermost
      return [(name, key)] + flattened(inner.keys, below: "\(name)\(suffix).")
    }
  }
}
