import Frames
import Relations

extension MemoryEngine {
  /// The features of a plan, at any instant.
  /// - Parameter plan: an aggregation over what stages hand on.
  func features(
    _ plan: RelationPlan, over stages: [String: any Relation], in facts: RunFacts
  ) async throws -> FeatureRelation {
    guard case .aggregate(let aggregation, let entities, let sources) = plan else {
      throw StageFailure("a plan makes no features", help: "this is a mistake in roost")
    }
    var relations: [SourceRelation] = []
    for source in [entities] + sources {
      relations.append(try await relation(source, stages, facts))
    }
    var chosen: [TopValues] = []
    var known: [AggregatedSource] = []
    for (source, relation) in zip(aggregation.sources, relations.dropFirst()) {
      let values = try await source.topValues(in: relation, facts)
      known.append(source.choosing(values.map(\.values)))
      chosen += values
    }
    return FeatureRelation(
      aggregation: aggregation.over(known), shape: plan.shape, zone: facts.zone,
      entityStage: entities.name, entities: relations[0], sources: Array(relations.dropFirst()),
      chosen: chosen)
  }

  /// The rows at the run's as-of are made once, and what they lack is counted as they are.
  func opened(
    _ features: FeatureRelation, _ facts: RunFacts
  ) async throws -> OpenedRelation {
    var features = features
    let tally = UnmatchedTally()
    features.tally = tally
    let frame = try await features.frame(asOf: facts.asOf)
    features.tally = nil
    features.remembered = (facts.asOf, frame)
    return OpenedRelation(
      relation: features, rows: frame.rowCount,
      work: [
        .aggregate(
          features.aggregation.sources.indices.compactMap { tally.all[$0] },
          chosen: features.chosen)
      ])
  }
}
