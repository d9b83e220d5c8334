import Frames

/// What rows are made of, as a value: free of the pipeline's files, of databases and of any engine.
///
/// A stage's rows are a tree of few operators over the rows that other stages hand on. Everything that
/// has to be known of it (its shape, the lineage of its columns, what it needs, its plan in words) is
/// read from the tree, each in one place; engines read the same tree to make the rows, printers to print
/// it as SQL. Closed, so that the compiler names every reader that must learn a new operator.
public indirect enum RelationPlan: Sendable {
  /// What another stage hands on.
  case stage(String, RelationShape)
  /// What is read of a source.
  case scan(Scan)
  /// Rows put right.
  case step(RowStep, RelationPlan)
  /// Columns of the second added to the rows of the first.
  case join(Join, RelationPlan, RelationPlan)
  /// Rows of several with the same columns.
  case union(Union, [RelationPlan])
  /// Accounts put together into persons by values of other relations.
  case identify(Identify, RelationPlan, [RelationPlan])
  /// Rows put together by entity.
  case aggregate(Aggregation, entities: RelationPlan, [RelationPlan])
  /// Relations with one key side by side.
  case align(Alignment, [RelationPlan])
  /// The first rule that holds for each row.
  case choose(RuleChoice, RelationPlan)
}

extension RelationPlan {
  /// What is known of the rows before there are any.
  public var shape: RelationShape {
    switch self {
    case .stage(_, let shape): shape
    case .scan(let scan): scan.shape
    case .step(let step, let input): step.shape(after: input.shape)
    case .join(let join, let left, let right): join.shape(left.shape, right.shape)
    case .union(let union, let inputs): union.shape(inputs.map(\.shape))
    case .identify(let identify, let accounts, let sources):
      identify.shape(accounts.shape, sources.map(\.shape))
    case .aggregate(let aggregation, _, _):
      RelationShape(
        schema: aggregation.schema, key: [aggregation.entity.name], isRepeatable: true)
    case .align(let alignment, let inputs): alignment.shape(inputs.map(\.shape))
    case .choose(let choice, let input): choice.shape(input.shape)
    }
  }

  /// The relations that its operator reads.
  public var inputs: [RelationPlan] {
    switch self {
    case .stage, .scan: []
    case .step(_, let input), .choose(_, let input): [input]
    case .join(_, let left, let right): [left, right]
    case .union(_, let inputs), .align(_, let inputs): inputs
    case .identify(_, let first, let others), .aggregate(_, let first, let others):
      [first] + others
    }
  }

  /// The stages whose rows it reads, each once.
  public var stages: [String] {
    switch self {
    case .stage(let name, _): return [name]
    case .scan(let scan): return [scan.stage]
    case .step, .join, .union, .identify, .aggregate, .align, .choose: break
    }
    return inputs.flatMap(\.stages).removingRepeats
  }

  /// What it reads of sources.
  public var scans: [Scan] {
    if case .scan(let scan) = self { [scan] } else { inputs.flatMap(\.scans) }
  }

  /// The same over what the stages that it reads consist of, where that is known.
  public func over(_ stages: (String) -> RelationPlan?) -> RelationPlan {
    switch self {
    case .stage(let name, _): stages(name) ?? self
    case .scan: self
    case .step(let step, let input): .step(step, input.over(stages))
    case .join(let join, let left, let right):
      .join(join, left.over(stages), right.over(stages))
    case .union(let union, let inputs): .union(union, inputs.map { $0.over(stages) })
    case .identify(let identify, let accounts, let sources):
      .identify(identify, accounts.over(stages), sources.map { $0.over(stages) })
    case .aggregate(let aggregation, let entities, let sources):
      .aggregate(
        aggregation, entities: entities.over(stages), sources.map { $0.over(stages) })
    case .align(let alignment, let inputs):
      .align(alignment, inputs.map { $0.over(stages) })
    case .choose(let choice, let input): .choose(choice, input.over(stages))
    }
  }

  /// The steps over the rows of one relation that it ends with, in the order in which they are done, and
  /// what they are done to.
  public var trailingSteps: (steps: [RowStep], of: RelationPlan) {
    guard case .step(let step, let input) = self else { return ([], self) }
    let before = input.trailingSteps
    return (before.steps + [step], before.of)
  }

  /// The same, knowing the earliest instant at which it is asked for: what is learnt once for all instants
  /// is learnt of rows before that one.
  public func asked(from earliest: RunFacts) -> RelationPlan {
    guard case .aggregate(let aggregation, let entities, let sources) = self else { return self }
    return .aggregate(
      aggregation.over(aggregation.sources.map { $0.choosing(at: earliest) }),
      entities: entities, sources)
  }

  /// When the values are chosen that it learns once for all instants.
  public var chosenAt: [RunFacts] {
    guard case .aggregate(let aggregation, _, _) = self else { return [] }
    return aggregation.sources.flatMap(\.tops).compactMap(\.chosenAt)
  }

  /// Whether what is kept of its rows is all of them, so that nothing else is asked for to have them again.
  public var isKeptWhole: Bool {
    switch self {
    case .scan, .choose: true
    case .stage, .step, .join, .union, .identify, .aggregate, .align: false
    }
  }

  /// Whether its rows are known from their times on, as those of a source are.
  public var isDated: Bool {
    switch self {
    case .stage, .scan, .step, .join, .union, .identify: true
    case .aggregate, .align, .choose: false
    }
  }

  /// Whether it takes out rows of a stage that agree in all of these columns before it uses them otherwise.
  public func makesUnique(_ stage: String, by key: Set<String>) -> Bool {
    let (steps, input) = trailingSteps
    guard case .stage(stage, _) = input else { return false }
    return steps.contains {
      if case .deduplicate(let step) = $0 { key.isSuperset(of: step.by) } else { false }
    }
  }
}
