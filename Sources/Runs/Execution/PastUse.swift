import PipelineFiles

extension Pipeline {
  /// Whether features or labels use what a stage hands on, so that its rows are asked what was known at
  /// past instants.
  func isSeenFromThePast(_ stage: Stage) -> Bool {
    var names: Set<String> = [stage.name.text]
    // Stages stand behind all that they use.
    for other in stages where other.kind.inputs.contains(where: { names.contains($0.text) }) {
      if ["features", "train"].contains(other.kindName) { return true }
      names.insert(other.name.text)
    }
    return false
  }
}
