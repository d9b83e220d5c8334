import PipelineFiles

/// Which stages of a run wait, can begin, and are done; and the outputs that are still needed.
package struct StageBoard {
  /// Each stage after all that it depends on; otherwise in the order of the file.
  private let stages: [Stage]
  /// For each stage the places of those that it depends on, and of those that depend on it.
  private let dependencies: [[Int]]
  private let dependents: [[Int]]
  private let places: [String: Int]
  /// How many stages each still waits for.
  private var missing: [Int]
  /// How many stages still need the output of each.
  private var users: [Int]
  private var outputs: [StageOutput?]
  private var isLost: [Bool]
  /// Places of stages that do not wait any more and were not taken yet, in order.
  private var ready: [Int]
  /// How many stages that read sources are not done.
  private var reading: Int
  private let readsSource: [Bool]
  private var wasReading: Bool

  /// - Parameter isMade: whether a stage is made, rather than taken from a checkpoint or left out.
  package init(_ planned: PlannedPipeline, isMade: (String) -> Bool = { _ in true }) {
    stages = planned.pipeline.stages
    let places = Dictionary(
      stages.enumerated().map { ($0.element.name.text, $0.offset) },
      uniquingKeysWith: { first, _ in first })
    self.places = places
    dependencies = stages.map { $0.dependencies.compactMap { places[$0] } }
    var dependents = [[Int]](repeating: [], count: stages.count)
    for (place, needs) in dependencies.enumerated() {
      for need in needs { dependents[need].append(place) }
    }
    self.dependents = dependents
    missing = dependencies.map(\.count)
    users = dependents.map(\.count)
    outputs = Array(repeating: nil, count: stages.count)
    isLost = Array(repeating: false, count: stages.count)
    ready = missing.indices.filter { [missing] in missing[$0] == 0 }
    readsSource = stages.map {
      planned.plan(of: $0)?.reading != nil && isMade($0.name.text)
    }
    reading = readsSource.count { $0 }
    wasReading = reading > 0
  }

  /// The stages whose inputs are all there; they do not wait any more.
  package mutating func takeReady() -> [Stage] {
    defer { ready = [] }
    return ready.sorted().map { stages[$0] }
  }

  package func outputs(for stage: Stage) -> [String: StageOutput] {
    guard let place = places[stage.name.text] else { return [:] }
    return dependencies[place].reduce(into: [:]) { found, need in
      found[stages[need].name.text] = outputs[need]
    }
  }

  package mutating func finish(_ stage: Stage, _ output: StageOutput) {
    guard let place = places[stage.name.text] else { return }
    outputs[place] = output
    if readsSource[place] { reading -= 1 }
    for dependent in dependents[place] {
      missing[dependent] -= 1
      if missing[dependent] == 0, !isLost[dependent] { ready.append(dependent) }
    }
    for need in dependencies[place] {
      users[need] -= 1
      // Nobody needs these rows any more; what waits only looks whether they are there.
      if users[need] == 0 { outputs[need] = .nothing }
    }
  }

  /// Takes a stage that failed off the board.
  /// - Returns: the stages that depend on it, directly or not.
  mutating func fail(_ stage: Stage) -> [Stage] {
    guard let place = places[stage.name.text] else { return [] }
    if readsSource[place] { reading -= 1 }
    isLost[place] = true
    var skipped: [Stage] = []
    // Each stage stands after all that it depends on.
    for waiter in stages.indices where !isLost[waiter] {
      guard dependencies[waiter].contains(where: { isLost[$0] }) else { continue }
      isLost[waiter] = true
      if readsSource[waiter] { reading -= 1 }
      skipped.append(stages[waiter])
    }
    return skipped
  }

  /// Whether the last stage that reads a source has just ended.
  package var areSourcesRead: Bool { wasReading && reading == 0 }

  package mutating func forgetSources() { wasReading = false }
}
