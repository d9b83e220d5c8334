import Frames
import MemoryEngine
import PipelineFiles

extension ExtractPlan {
  func kept(_ output: StageOutput, columns: Set<String>?) throws -> KeptOutput? {
    guard case .relation(let source as SourceRelation) = output else { return nil }
    return source.kept(columns: columns)
  }

  func restored(_ kept: KeptOutput, _ context: any StageContext) async throws -> StageOutput {
    let source = try SourceRelation(
      shape: relation, zone: zone, base: try kept.base, undated: kept.undated)
    return .relation(source.remembering(kept, asOf: context.asOf))
  }
}
