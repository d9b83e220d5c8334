import PipelineFiles

/// Which stages of a run are made, and which come from checkpoints. Has no I/O.
package struct ResumePlan: Sendable {
  enum Action: Sendable {
    /// It is made, and why although there might have been a checkpoint; nil where nothing was kept.
    case make(because: String?)
    /// Its output comes from a checkpoint, which is read only where somebody needs it.
    case reuse(CheckpointManifest, isNeeded: Bool)
    /// Nobody asked for it.
    case leaveOut
  }

  let actions: [String: Action]
  let identities: [String: StageIdentity]
  /// Names what the sources are read into: the same for all rows of a run.
  let reading: String
  /// The instants of that reading, where it is one that is used again; nil for a new one.
  let reusedSnapshots: [String: String]?

  /// - Parameters:
  ///   - manifests: what is kept, by stage.
  ///   - unusable: why what is kept of a stage cannot be used.
  ///   - newReading: the name of a new reading of the sources.
  init(
    _ identities: StageIdentities, manifests: [String: CheckpointManifest],
    unusable: [String: String] = [:], selection: StageSelection? = nil, newReading: String
  ) {
    let pipeline = identities.planned.pipeline
    let wanted = selection?.wanted ?? Set(pipeline.stages.map(\.name.text))
    let anew = selection?.anew ?? []
    func isSource(_ stage: Stage) -> Bool {
      identities.planned.plan(of: stage)?.reading != nil
    }
    // The sources are one unit: unless all that may be needed come from one reading, all are read.
    let reach = wanted.reduce(into: Set<String>()) { $0.formUnion(pipeline.upstream(of: $1)) }
    let sources = pipeline.stages.filter { isSource($0) && reach.contains($0.name.text) }
    var unit: String?
    var trouble: String?
    for stage in sources where trouble == nil {
      let name = stage.name.text
      guard let manifest = manifests[name], let reading = manifest.identity.reading else {
        trouble =
          unusable[name].map { "\(name): \($0)" }
          ?? "there is no checkpoint of \(name), and the sources are read together"
        continue
      }
      let expected = identities.all(reading: reading)[name]
      if let difference = expected?.difference(from: manifest.identity) {
        trouble = "\(difference.prefix(4) == "its " ? "\(name): " : "")\(difference)"
      } else if unit != nil, unit != reading {
        trouble = "the sources were not read together"
      } else if anew.contains(name) {
        trouble = "\(name) is to be read anew, and the sources are read together"
      }
      unit = reading
    }
    reading = trouble == nil ? unit ?? newReading : newReading
    reusedSnapshots =
      trouble == nil
      ? sources.first.flatMap { manifests[$0.name.text]?.maker.snapshots } : nil
    let known = identities.all(reading: reading)
    self.identities = known

    func obstacle(_ stage: Stage) -> String? {
      let name = stage.name.text
      if anew.contains(name) { return "it is asked for" }
      if let reason = unusable[name] { return reason }
      guard let manifest = manifests[name] else { return "there is no checkpoint of it" }
      if isSource(stage), let trouble { return trouble }
      return known[name]?.difference(from: manifest.identity)
    }

    var needed: Set<String> = []
    var actions: [String: Action] = [:]
    // From the last stage to the first, so that it is known whether somebody needs a stage.
    for stage in pipeline.stages.reversed() {
      let name = stage.name.text
      let isNeeded = needed.contains(name)
      guard isNeeded || wanted.contains(name) else {
        actions[name] = .leaveOut
        continue
      }
      if let manifest = manifests[name], obstacle(stage) == nil {
        actions[name] = .reuse(manifest, isNeeded: isNeeded)
        if isNeeded, identities.planned.plan(of: stage)?.isRestoredFromInputs == true {
          needed.formUnion(stage.rowSources)
        }
      } else {
        actions[name] = .make(
          because: manifests.isEmpty && unusable.isEmpty ? nil : obstacle(stage))
        needed.formUnion(stage.rowSources)
      }
    }
    self.actions = actions
  }

  /// What is made, reused and left out, stage by stage, for people.
  package func line(of stage: String) -> String? {
    switch actions[stage] {
    case .reuse(let manifest, _): "reuse what run \(manifest.maker.run) kept at \(manifest.made)"
    case .make(because: let reason?): "make it again: \(reason)"
    case .make, .leaveOut, nil: nil
    }
  }

  /// Whether a stage is made, rather than reused or left out.
  func makes(_ stage: String) -> Bool { if case .make = actions[stage] { true } else { false } }
}
