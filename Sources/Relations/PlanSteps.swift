extension RelationPlan {
  /// What it does, line by line.
  public var steps: [PlannedStep] {
    switch self {
    case .stage, .scan: []
    case .step(let step, let input):
      input.steps + [PlannedStep(step.label, isAsOf: step.isAsOf)]
    case .join(let join, let left, let right):
      left.steps + right.steps
        + [
          PlannedStep(
            join.text(left: left.name, right: right.name), isAsOf: true)
        ]
    case .union(let union, let inputs):
      inputs.flatMap(\.steps) + [
        PlannedStep(
          "put the rows of \(inputs.map(\.name).joined(separator: ", ")) together"
            + (union.source.map { ", named in \($0)" } ?? "")),
        PlannedStep("order by \(shape.key.joined(separator: ", "))"),
      ]
    case .identify(let identify, let accounts, let sources):
      accounts.steps + sources.flatMap(\.steps)
        + identify.steps(accounts: accounts.name, sources: sources.map(\.name))
    case .aggregate(let aggregation, let entities, let sources):
      entities.steps + sources.flatMap(\.steps) + aggregation.steps(entities: entities.name)
    case .align(_, let inputs): inputs.flatMap(\.steps)
    case .choose(let choice, let input): input.steps + choice.steps
    }
  }

  /// What it is called: the stage whose rows it ends in.
  public var name: String { stages.first ?? "" }
}
