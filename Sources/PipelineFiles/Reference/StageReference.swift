/// The reference of stage kinds as Markdown, made from the same declarations that decode them.
public struct StageReference {
  private let registry: StageRegistry

  public init(_ registry: StageRegistry) { self.registry = registry }

  /// All kinds, one section each.
  public var page: String {
    let head = """
      # Stages

      Every key of every stage kind. A stage stands under `stages:` by its name and has one kind; \
      `after: [stage]` makes it wait for stages whose rows it does not use, and `description:` says \
      what it is for. The examples make one pipeline.

      """
    return head + registry.kinds.map { "\n" + section($0) }.joined()
  }

  /// One kind.
  public func section(_ kind: any StageKind.Type) -> String {
    var lines = ["## \(kind.kind)", "", kind.about, ""]
    lines += rows(of: kind.shape, below: "")
    lines += ["", "```yaml", kind.example, "```"]
    return lines.joined(separator: "\n") + "\n"
  }

  private func rows(of shape: Shape, below path: String) -> [String] {
    let keys = shape.keys
    guard !keys.isEmpty else { return [] }
    var lines = ["| key | takes | |", "|---|---|---|"]
    for (name, key) in flattened(keys, below: path) {
      let preset = key.preset.map { " Default: `\($0)`." } ?? (key.isRequired ? " Required." : "")
      lines.append("| `\(name)` | \(key.shape.takes { "`\($0)`" }) | \(key.about)\(preset) |")
    }
    return lines
  }

  /// Keys with those below them: `label.within`, `steps[].reject.where`.
  private func flattened(_ keys: [KeyShape], below path: String) -> [(String, KeyShape)] {
    keys.flatMap { key -> [(String, KeyShape)] in
      let name = path + key.name
      let (inner, suffix) = key.shape.innermost
      return [(name, key)] + flattened(inner.keys, below: "\(name)\(suffix).")
    }
  }
}
