import Frames
import MemoryEngine
import PipelineFiles

extension ScorePlan {
  func kept(_ output: StageOutput, columns: Set<String>?) throws -> KeptOutput? {
    guard case .relation(let rows as FixedRelation) = output else { return nil }
    return KeptOutput(rows: rows.frame)
  }

  func restored(_ kept: KeptOutput, _ context: any StageContext) async throws -> StageOutput {
    .relation(
      FixedRelation(
        shape: relation, zone: context.zone, asOf: context.asOf, frame: try kept.rows))
  }
}
