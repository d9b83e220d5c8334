import Frames
import PipelineFiles

extension TargetPlan {
  private static let everybody = "everybody"

  func kept(_ output: StageOutput, columns: Set<String>?) throws -> KeptOutput? {
    guard case .relation(let targets as TargetRelation) = output,
      let all = targets.assignments[assignments]
    else { return nil }
    var kept = KeptOutput(rows: targets.fixed.frame)
    kept.frames[Self.everybody] = all.frame
    return kept
  }

  func restored(_ kept: KeptOutput, _ context: any StageContext) async throws -> StageOutput {
    .relation(
      try relation(
        targets: try kept.rows, everybody: try kept.frame(Self.everybody), asOf: context.asOf))
  }

  /// Those who may be contacted, with everybody who was chosen.
  func relation(targets: Frame, everybody: Frame, asOf: Instant) throws -> TargetRelation {
    guard let companion = relation.companions[assignments] else {
      throw StageFailure("the assignments have no shape")
    }
    return TargetRelation(
      fixed: FixedRelation(shape: relation, asOf: asOf, frame: targets),
      assignments: [
        assignments: FixedRelation(shape: companion, asOf: asOf, frame: everybody)
      ])
  }
}
