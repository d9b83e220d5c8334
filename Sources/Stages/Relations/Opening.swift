import MemoryEngine
import PipelineFiles
import Relations

extension StageContext {
  /// What an engine knows of the run.
  var facts: RunFacts { RunFacts(asOf: asOf, zone: zone) }

  /// The rows that a plan means, over what the stages before handed on.
  func open(_ plan: RelationPlan) async throws -> OpenedRelation {
    try await MemoryEngine().open(plan, over: try relations(of: plan), in: facts)
  }

  /// What the stages that a plan reads handed on.
  func relations(of plan: RelationPlan) throws -> [String: any Relation] {
    var stages: [String: any Relation] = [:]
    for name in plan.stages { stages[name] = try relation(name) }
    return stages
  }
}
