import Frames
import MemoryEngine
import PipelineFiles
import Relations

extension TargetPlan {
  private static let everybody = "everybody"

  func kept(_ output: StageOutput, columns: Set<String>?) throws -> KeptOutput? {
    guard case .relation(let targets as FixedRelation) = output,
      let all = targets.beside[assignments]
    else { return nil }
    var kept = KeptOutput(rows: targets.frame)
    kept.frames[Self.everybody] = all.frame
    return kept
  }

  func restored(_ kept: KeptOutput, _ context: any StageContext) async throws -> StageOutput {
    .relation(
      try relation(
        targets: try kept.rows, everybody: try kept.frame(Self.everybody), context.facts))
  }

  /// Those who may be contacted, with everybody who was chosen.
  func relation(
    targets: Frame, everybody: Frame, _ facts: RunFacts
  ) throws -> FixedRelation {
    guard let companion = relation.companions[assignments] else {
      throw StageFailure("the assignments have no shape")
    }
    return FixedRelation(
      shape: relation, zone: facts.zone, asOf: facts.asOf, frame: targets,
      beside: [
        assignments: FixedRelation(
          shape: companion, zone: facts.zone, asOf: facts.asOf, frame: everybody)
      ])
  }
}
