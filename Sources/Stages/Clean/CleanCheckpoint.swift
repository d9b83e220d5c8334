import Frames
import PipelineFiles

extension CleanPlan {
  var isRestoredFromInputs: Bool { true }

  func kept(_ output: StageOutput, columns: Set<String>?) throws -> KeptOutput? {
    guard case .relation(let cleaned as SourceRelation) = output else { return nil }
    // Steps to come may read any column.
    return cleaned.kept(columns: cleaned.pending.isEmpty ? columns : nil)
  }

  func restored(_ kept: KeptOutput, _ context: any StageContext) async throws -> StageOutput {
    let source = SourceRelation(try context.relation(input), zone: context.zone)
    return .relation(cleaned(try kept.base, source).remembering(kept, asOf: context.asOf))
  }
}
