import Frames

extension RelationPlan {
  /// Where each column comes from: the columns of stages, and the expressions that it went through.
  public var lineage: StageLineage {
    switch self {
    case .stage(let name, let shape):
      lineage(of: shape.schema.names) { ColumnLineage(from: [StageColumn(name, $0)]) }
    case .scan(let scan): scan.lineage
    case .step(let step, let input): lineage(of: step, over: input)
    case .join(let join, let left, let right): lineage(of: join, left.lineage, right.lineage)
    case .union(let union, let inputs):
      lineage(of: shape.schema.names) { column in
        column == union.source
          ? ColumnLineage(by: ["name of the stage"])
          : ColumnLineage(merging: inputs.compactMap { $0.lineage[column] })
      }
    case .identify(let identify, let accounts, let sources):
      lineage(of: identify, accounts, sources)
    case .aggregate(let aggregation, let entities, let sources):
      aggregation.lineage(entities: entities.lineage, sources.map(\.lineage))
    case .align(let alignment, let inputs): alignment.lineage(inputs.map(\.lineage))
    case .choose(let choice, let input):
      choice.lineage(input.lineage, key: input.shape.key)
    }
  }

  private func lineage(
    of columns: [String], _ origin: (String) -> ColumnLineage
  ) -> StageLineage {
    Dictionary(columns.map { ($0, origin($0)) }, uniquingKeysWith: { first, _ in first })
  }

  private func lineage(of step: RowStep, over input: RelationPlan) -> StageLineage {
    let before = input.lineage
    var lineage = before
    for assignment in step.meaning.assignments {
      var merged = ColumnLineage(
        merging: assignment.origins.sorted().compactMap { before[$0] })
      merged.expressions.append(assignment.text)
      lineage[assignment.column] = merged
    }
    return lineage
  }

  private func lineage(
    of identify: Identify, _ accounts: RelationPlan, _ sources: [RelationPlan]
  ) -> StageLineage {
    let own = accounts.lineage
    let links = zip(identify.links, sources).flatMap { links, source in
      let lineage = source.lineage
      return (links.columns.map(\.column) + [links.entityColumn]).compactMap { lineage[$0] }
    }
    let made = Set(IdentityColumns.fields(identify.entity).map(\.name))
    return lineage(of: shape.schema.names) { column in
      guard made.contains(column) else { return own[column] ?? ColumnLineage() }
      var merged = ColumnLineage(
        merging: [own[identify.entity.name]].compactMap(\.self) + links)
      merged.expressions.append("identify by \(identify.kindsText)")
      return merged
    }
  }

  private func lineage(
    of join: Join, _ left: StageLineage, _ right: StageLineage
  ) -> StageLineage {
    var lineage = left
    for added in join.columns { lineage[added.name] = right[added.column] }
    return lineage
  }
}

extension ColumnLineage {
  /// What is made from several columns together: each origin and each expression once.
  public init(merging parts: [ColumnLineage]) {
    self.init(
      from: parts.reduce(into: []) { $0.formUnion($1.origins) },
      by: parts.flatMap(\.expressions).removingRepeats)
  }
}
