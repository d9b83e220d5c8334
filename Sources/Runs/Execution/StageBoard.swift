import PipelineFiles

/// Which stages of a run wait, can begin, and are done; and the outputs that are still needed.
struct StageBoard {
  private let planned: PlannedPipeline
  private var waiting: [Stage]
  private var outputs: [String: StageOutput] = [:]
  /// How many stages still need an output.
  private var users: [String: Int] = [:]
  /// Stages that read sources and are not done.
  private var reading: Set<String>
  private var wasReading: Bool

  /// - Parameter isMade: whether a stage is made, rather than taken from a checkpoint or left out.
  init(_ planned: PlannedPipeline, isMade: (String) -> Bool = { _ in true }) {
    self.planned = planned
    waiting = planned.pipeline.stages
    for stage in waiting { for name in stage.dependencies { users[name, default: 0] += 1 } }
    reading = Set(
      waiting.filter {
        !(planned.plan(of: $0)?.sources.isEmpty ?? true) && isMade($0.name.text)
      }.map(\.name.text))
    wasReading = !reading.isEmpty
  }

  /// The stages whose inputs are all there; they do not wait any more.
  mutating func takeReady() -> [Stage] {
    let ready = waiting.filter { $0.dependencies.allSatisfy { outputs[$0] != nil } }
    let names = Set(ready.map(\.name.text))
    waiting.removeAll { names.contains($0.name.text) }
    return ready
  }

  func outputs(for stage: Stage) -> [String: StageOutput] {
    outputs.filter { stage.dependencies.contains($0.key) }
  }

  mutating func finish(_ stage: Stage, _ output: StageOutput) {
    outputs[stage.name.text] = output
    reading.remove(stage.name.text)
    for name in stage.dependencies {
      users[name, default: 1] -= 1
      // Nobody needs these rows any more; what waits only looks whether they are there.
      if users[name] == 0 { outputs[name] = .nothing }
    }
  }

  /// Takes a stage that failed off the board.
  /// - Returns: the stages that depend on it, directly or not.
  mutating func fail(_ stage: Stage) -> [Stage] {
    reading.remove(stage.name.text)
    var lost: Set<String> = [stage.name.text]
    var skipped: [Stage] = []
    // Each stage stands after all that it depends on.
    for waiter in waiting where waiter.dependencies.contains(where: lost.contains) {
      lost.insert(waiter.name.text)
      skipped.append(waiter)
    }
    waiting.removeAll { lost.contains($0.name.text) }
    for stage in skipped { reading.remove(stage.name.text) }
    return skipped
  }

  /// Whether the last stage that reads a source has just ended.
  var areSourcesRead: Bool { wasReading && reading.isEmpty }

  mutating func forgetSources() { wasReading = false }
}
