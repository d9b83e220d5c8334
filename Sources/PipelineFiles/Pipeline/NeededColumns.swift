extension PlannedPipeline {
  /// The same pipeline with stages that make only the columns that others use, where they can do with
  /// less: what is published, trained and scored is the same.
  public func narrowed() -> PlannedPipeline {
    var plans = plans
    for (stage, columns) in neededColumns {
      if let columns, let plan = plans[stage] { plans[stage] = plan.narrowed(to: columns) }
    }
    return PlannedPipeline(pipeline: pipeline, asOf: asOf, plans: plans)
  }

  /// For each stage that others use, the columns that they use of it; nil for all.
  public var neededColumns: [String: Set<String>?] {
    var needed: [String: Set<String>?] = [:]
    // Each stage stands after those that it uses.
    for stage in pipeline.stages.reversed() {
      guard let plan = plan(of: stage) else { continue }
      let wanted = needed[stage.name.text] ?? nil
      for input in Set(stage.kind.inputs.map(\.text)) {
        let own = plan.columns(of: input, for: wanted)
        if let known = needed[input] {
          needed.updateValue(known.flatMap { known in own.map(known.union) }, forKey: input)
        } else {
          needed.updateValue(own, forKey: input)
        }
      }
      // Companions are made with all of the rows beside them.
      for source in stage.companionSources { needed.updateValue(nil, forKey: source.text) }
    }
    return needed
  }
}
