/// The reference of stage kinds for a terminal.
public struct StageText {
  private let registry: StageRegistry
  private let layout: ReferenceLayout

  public init(_ registry: StageRegistry, width: Int) {
    self.registry = registry
    layout = ReferenceLayout(width: width)
  }

  /// The kinds, each with its sentence.
  public var kinds: [String] {
    layout.table(registry.kinds.map { ("  " + $0.kind, [$0.about]) })
  }

  /// All keys of a kind and an example; nil where there is no such kind.
  public func kind(_ name: String) -> [String]? {
    guard let kind = registry.kind(named: name) else { return nil }
    var lines = record(kind.kind, about: kind.about, shape: kind.shape)
    lines += ["", "Example:"]
    lines += kind.example.split(separator: "\n", omittingEmptySubsequences: false).map { "  " + $0 }
    return lines
  }

  /// All keys of `roost.yaml`.
  public var project: [String] {
    record("roost.yaml", about: ProjectSettings.about, shape: ProjectSettings.shape)
  }

  /// All keys of a pipeline file, and those that every stage may have.
  public var pipeline: [String] {
    record("A pipeline file", about: PipelineSettings.about, shape: PipelineSettings.shape)
      + ["", "Keys of every stage, beside that of its kind:"]
      + layout.table(rows(of: StageOptions.shape.keys, depth: 1))
      + [""]
      + layout.wrapped(
        "A stage stands under its name and has one kind: \(registry.names.joined(separator: ", "))."
      )
  }

  /// What something is, and all its keys.
  public func record(_ name: String, about: String, shape: Shape) -> [String] {
    layout.wrapped("\(name): \(about)") + ["", "Keys:"]
      + layout.table(rows(of: shape.keys, depth: 1))
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
}
