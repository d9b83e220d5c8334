/// Where the stages of a pipeline stand, to tell where one belongs that stands elsewhere.
struct StageDepths {
  private let stages: [YAMLNode]
  private let registry: StageRegistry

  init(_ root: YAMLNode, _ registry: StageRegistry) {
    self.registry = registry
    guard case .mapping(let pairs) = root.kind else {
      stages = []
      return
    }
    stages = pairs.first { $0.key.scalar?.text == "stages" }?.value.keys ?? []
  }

  /// The remedy for a key that has a stage as its value.
  func help(_ key: YAMLNode, _ value: YAMLNode) -> String? {
    guard
      value.keys.contains(where: { $0.scalar.flatMap { registry.kind(named: $0.text) } != nil }),
      let text = key.scalar?.excerpt
    else { return nil }
    return Reader.help(moving: key, beside: stages)
      .map { "\($0), under stages:" }
      ?? "write the stage '\(text)' under stages:"
  }
}
