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
      what it is for.

      """
    return head + registry.kinds.map { "\n" + section($0) }.joined()
  }

  /// One kind.
  public func section(_ kind: any StageKind.Type) -> String {
    var lines = ["## \(kind.kind)", "", kind.about, ""]
    lines += rows(of: kind.shape, below: "")
    return lines.joined(separator: "\n") + "\n"
  }

  private func rows(of shape: Shape, below path: String) -> [String] {
    let keys = Self.keys(of: shape)
    guard !keys.isEmpty else { return [] }
    var lines = ["| key | takes | |", "|---|---|---|"]
    for (name, key) in flattened(keys, below: path) {
      let preset = key.preset.map { " Default: `\($0)`." } ?? (key.isRequired ? " Required." : "")
      lines.append("| `\(name)` | \(Self.takes(key.shape)) | \(key.about)\(preset) |")
    }
    return lines
  }

  /// Keys with those below them: `label.within`, `steps[].reject.where`.
  private func flattened(_ keys: [KeyShape], below path: String) -> [(String, KeyShape)] {
    keys.flatMap { key -> [(String, KeyShape)] in
      let name = path + key.name
      let (inner, suffix) = Self.innermost(key.shape)
      return [(name, key)] + flattened(Self.keys(of: inner), below: "\(name)\(suffix).")
    }
  }

  private static func innermost(_ shape: Shape) -> (Shape, String) {
    switch shape {
    case .list(let element), .oneOrMany(let element):
      let (inner, suffix) = innermost(element)
      return (inner, "[]" + suffix)
    case .entries(let value):
      let (inner, suffix) = innermost(value)
      return (inner, ".NAME" + suffix)
    default: return (shape, "")
    }
  }

  private static func keys(of shape: Shape) -> [KeyShape] {
    switch shape {
    case .record(let record): record.keys
    case .oneOf(let cases): cases
    default: []
    }
  }

  private static func takes(_ shape: Shape) -> String {
    switch shape {
    case .word(let word): "\(word.name), such as `\(word.example)`"
    case .choice(let names): names.map { "`\($0)`" }.joined(separator: " or ")
    case .list(let element): "a list: \(takes(element))"
    case .oneOrMany(let element): "one or a list: \(takes(element))"
    case .entries(let value): "names, each with \(takes(value))"
    case .record: "keys"
    case .oneOf: "one of the keys below"
    }
  }
}
