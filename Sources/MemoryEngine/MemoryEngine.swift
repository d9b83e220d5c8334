import Expressions
import Frames
import Relations

/// Makes the rows that a plan means in memory, over frames.
///
/// Steps that look at their own row alone are done once for all as-ofs; from the first on that looks at
/// more, they are pending and done anew for each as-of that is asked for.
public struct MemoryEngine: Engine {
  public init() {}

  public func open(
    _ plan: RelationPlan, over stages: [String: any Relation], in facts: RunFacts
  ) async throws -> OpenedRelation {
    if case .aggregate = plan {
      return try await opened(try await features(plan, over: stages, in: facts), facts)
    }
    let made = try await made(plan, stages, facts)
    var relation = made.relation
    let frame = try await relation.frame(asOf: facts.asOf)
    // So that it is kept, and not made again, where the plan takes the rows of a stage as they are.
    relation.remembered = (facts.asOf, frame)
    return OpenedRelation(relation: relation, rows: frame.rowCount, work: made.work)
  }

  public func reopen(
    _ plan: RelationPlan, keeping frames: [String: Frame], over stages: [String: any Relation],
    in facts: RunFacts
  ) async throws -> any Relation {
    switch plan {
    case .scan:
      return try SourceRelation(
        kept: frames, shape: plan.shape, zone: facts.zone, asOf: facts.asOf)
    case .aggregate:
      return try await features(plan, over: stages, in: facts)
        .remembering(frames, asOf: facts.asOf)
    case .choose: return try FixedRelation(kept: frames, shape: plan.shape, facts)
    case .stage, .step, .join, .union, .identify, .align:
      let (steps, input) = plan.trailingSteps
      guard case .stage(let name, _) = input else {
        throw StageFailure("rows of several stages were kept", help: "this is a mistake in roost")
      }
      var cleaned = try cleaned(
        try frames.kept(KeptName.base), try source(name, stages), by: steps, plan.shape)
      cleaned.remember(frames, asOf: facts.asOf)
      return cleaned
    }
  }

  public func given(
    _ rows: Frame, of shape: RelationShape, in zone: CalendarZone
  ) throws -> any Relation {
    try SourceRelation(
      shape: shape, zone: zone, base: rows, undated: UndatedRows(of: rows, shape))
  }

  private struct Made {
    let relation: SourceRelation
    var work: [OperatorWork] = []
  }

  /// The rows of a plan, whose number at the run's as-of nobody asks for.
  func relation(
    _ plan: RelationPlan, _ stages: [String: any Relation], _ facts: RunFacts
  ) async throws -> SourceRelation {
    switch plan {
    case .stage(let name, _): try source(name, stages)
    case .scan(let scan): try source(scan.stage, stages)
    case .step, .join, .union, .identify, .aggregate, .align, .choose:
      try await made(plan, stages, facts).relation
    }
  }

  private func source(
    _ name: String, _ stages: [String: any Relation]
  ) throws -> SourceRelation {
    guard let relation = stages[name] else {
      throw StageFailure(
        "nothing was handed on by stage \(name)", help: "this is a mistake in roost")
    }
    return SourceRelation(relation)
  }

  private func handedOn(
    _ name: String, _ stages: [String: any Relation], _ facts: RunFacts
  ) async throws -> Made {
    let source = try source(name, stages)
    let rows = try await source.frame(asOf: facts.asOf).rowCount
    return Made(relation: source, work: [.read(stage: name, rows: rows)])
  }

  private func made(
    _ plan: RelationPlan, _ stages: [String: any Relation], _ facts: RunFacts
  ) async throws -> Made {
    try Task.checkCancellation()
    switch plan {
    case .stage(let name, _): return try await handedOn(name, stages, facts)
    case .scan(let scan): return try await handedOn(scan.stage, stages, facts)
    case .step:
      let (steps, input) = plan.trailingSteps
      return try await stepped(
        try await made(input, stages, facts), by: steps, plan.shape, facts)
    case .join(let join, let left, let right):
      return try await joined(
        join, (left.name, right.name), try await made(left, stages, facts),
        try await made(right, stages, facts), plan.shape, facts)
    case .union(let union, let inputs):
      var parts: [Made] = []
      for input in inputs { parts.append(try await made(input, stages, facts)) }
      var united = try united(union, parts.map(\.relation), plan.shape, facts)
      united.remembered = (facts.asOf, try await united.frame(asOf: facts.asOf))
      return Made(relation: united, work: parts.flatMap(\.work))
    case .identify(let identify, let accounts, let sources):
      return try await identified(identify, accounts, sources, plan.shape, stages, facts)
    case .aggregate:
      let opened = try await opened(try await features(plan, over: stages, in: facts), facts)
      return Made(relation: SourceRelation(opened.relation), work: opened.work)
    case .align(let alignment, let inputs):
      return try await aligned(alignment, inputs, plan.shape, stages, facts)
    case .choose(let choice, let input):
      return try await chosen(
        choice, try await made(input, stages, facts), plan.shape, facts)
    }
  }
}

// MARK: - Steps

extension MemoryEngine {
  private func stepped(
    _ input: Made, by steps: [RowStep], _ shape: RelationShape, _ facts: RunFacts
  ) async throws -> Made {
    let source = input.relation
    let (own, repeated) = Self.split(steps, over: source)
    let context = EvaluationContext(asOf: facts.asOf, zone: source.zone)
    var work = input.work
    var base = source.base
    for step in own { base = try await counted(step, on: base, context, &work) }
    var cleaned = try cleaned(base, source, by: steps, shape)
    var frame =
      source.isDone
      ? cleaned.rows(before: facts.asOf) : try await source.frame(asOf: facts.asOf)
    for step in repeated { frame = try await counted(step, on: frame, context, &work) }
    cleaned.remembered = (facts.asOf, frame)
    return Made(relation: cleaned, work: work)
  }

  /// Steps up to the first that looks at several rows are done once for all as-ofs, unless the input
  /// itself has steps that must be repeated.
  private static func split(
    _ steps: [RowStep], over source: SourceRelation
  ) -> (own: [RowStep], repeated: [RowStep]) {
    let own = source.isDone ? Array(steps.prefix { !$0.isAsOf }) : []
    return (own, Array(steps.dropFirst(own.count)))
  }

  /// The rows as a function of the as-of, from those after the steps that were done once.
  private func cleaned(
    _ base: Frame, _ source: SourceRelation, by steps: [RowStep], _ shape: RelationShape
  ) throws -> SourceRelation {
    let repeated = Self.split(steps, over: source).repeated
    var cleaned = SourceRelation(
      shape: shape, zone: source.zone, base: base,
      visibility: try shape.visibility(of: base, zone: source.zone),
      pending: source.pending + repeated.map(PendingStep.row))
    cleaned.undated = source.undated?.then(steps.map(PendingStep.row))
    return cleaned
  }

  private func counted(
    _ step: RowStep, on frame: Frame, _ context: EvaluationContext, _ work: inout [OperatorWork]
  ) async throws -> Frame {
    try Task.checkCancellation()
    let outcome = try await step.operation.apply(to: frame, in: context)
    work.append(
      .step(
        StepCount(
          step, changed: outcome.changed, removed: frame.rowCount - outcome.frame.rowCount,
          rejections: outcome.rejected, unreadable: outcome.unreadable)))
    return outcome.frame
  }
}

// MARK: - Several relations

extension MemoryEngine {
  private func joined(
    _ join: Join, _ names: (left: String, right: String), _ left: Made, _ right: Made,
    _ shape: RelationShape, _ facts: RunFacts
  ) async throws -> Made {
    let operation = JoinOperation(
      join: join, right: right.relation, names: names, schema: shape.schema)
    let rows = left.relation
    var joined = SourceRelation(
      shape: shape, zone: rows.zone, base: rows.base, visibility: rows.visibility,
      pending: rows.pending + [.join(operation)])
    joined.undated = rows.undated?.then([.join(operation)])
    let frame = try await rows.frame(asOf: facts.asOf)
    let outcome = try await operation.joined(frame, asOf: facts.asOf, zone: rows.zone)
    joined.remembered = (facts.asOf, outcome.frame)
    return Made(
      relation: joined,
      work: left.work + right.work
        + [.join(rows: frame.rowCount, unmatched: outcome.unmatched)])
  }

  private func identified(
    _ identify: Identify, _ accounts: RelationPlan, _ sources: [RelationPlan],
    _ shape: RelationShape, _ stages: [String: any Relation], _ facts: RunFacts
  ) async throws -> Made {
    let own = try await made(accounts, stages, facts)
    var relations: [(any Relation)?] = []
    var work = own.work
    for source in sources {
      // Values that stand beside the accounts are those of the rows that are identified.
      if case (.stage(let a, _), .stage(let b, _)) = (source, accounts), a == b {
        relations.append(nil)
      } else {
        let made = try await made(source, stages, facts)
        relations.append(made.relation)
        work += made.work
      }
    }
    let operation = IdentifyOperation(
      identify: identify, schema: shape.schema, accounts: accounts.name, relations: relations)
    let rows = own.relation
    var identified = SourceRelation(
      shape: shape, zone: rows.zone, base: rows.base, visibility: rows.visibility,
      pending: rows.pending + [.identify(operation)])
    identified.undated = rows.undated?.then([.identify(operation)])
    let outcome = try await operation.identified(
      try await rows.frame(asOf: facts.asOf), asOf: facts.asOf)
    identified.remembered = (facts.asOf, outcome.frame)
    work.append(
      .identify(
        IdentifyCount(
          persons: outcome.persons, giants: outcome.giants, ignored: outcome.ignored,
          unknown: outcome.unknown)))
    return Made(relation: identified, work: work)
  }

  /// The rows as they are known at each instant. Relations without steps that must be repeated are put
  /// together once.
  private func united(
    _ union: Union, _ parts: [SourceRelation], _ shape: RelationShape, _ facts: RunFacts
  ) throws -> SourceRelation {
    let zones = Set(parts.map(\.zone))
    let zone = zones.count == 1 ? parts[0].zone : facts.zone
    let operation = UnionOperation(union: union, shape: shape, parts: parts)
    var united: SourceRelation
    if zones.count == 1, parts.allSatisfy(\.isDone) {
      united = try SourceRelation(
        shape: shape, zone: zone, base: try union.combined(parts.map(\.base), shape))
    } else {
      united = SourceRelation(
        shape: shape, zone: zone, base: .empty(shape.schema), visibility: .always,
        pending: [.union(operation)])
    }
    if parts.contains(where: { $0.undated != nil }) {
      united.undated = UndatedRows(
        rows: .empty(shape.schema), steps: [.union(operation.taking(.undated))])
    }
    return united
  }

  /// The rows side by side as they are known at each instant, with times read in the pipeline's zone: none
  /// of the relations decides for the others.
  private func aligned(
    _ alignment: Alignment, _ inputs: [RelationPlan], _ shape: RelationShape,
    _ stages: [String: any Relation], _ facts: RunFacts
  ) async throws -> Made {
    var parts: [Made] = []
    for input in inputs { parts.append(try await made(input, stages, facts)) }
    let operation = AlignOperation(
      alignment: alignment, parts: parts.map(\.relation), names: inputs.map(\.name),
      schema: shape.schema)
    var aligned = SourceRelation(
      shape: shape, zone: facts.zone, base: .empty(shape.schema), visibility: .always,
      pending: [.align(operation)])
    let outcome = try await operation.aligned(asOf: facts.asOf)
    aligned.remembered = (facts.asOf, outcome.frame)
    return Made(relation: aligned, work: parts.flatMap(\.work) + [.align(outcome.finds)])
  }

  private func chosen(
    _ choice: RuleChoice, _ input: Made, _ shape: RelationShape, _ facts: RunFacts
  ) async throws -> Made {
    let rows = input.relation
    let operation = ChooseOperation(choice: choice, schema: shape.schema)
    var chosen = SourceRelation(
      shape: shape, zone: rows.zone, base: rows.base, visibility: rows.visibility,
      pending: rows.pending + [.choose(operation)])
    let outcome = try operation.chosen(
      try await rows.frame(asOf: facts.asOf),
      in: EvaluationContext(asOf: facts.asOf, zone: rows.zone))
    chosen.remembered = (facts.asOf, outcome.frame)
    return Made(relation: chosen, work: input.work + [.choose(outcome.count)])
  }
}
