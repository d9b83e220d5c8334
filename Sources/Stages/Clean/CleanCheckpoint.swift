import Frames
import MemoryEngine
import PipelineFiles
import Relations

extension CleanPlan {
  var isRestoredFromInputs: Bool { true }

  func kept(_ output: StageOutput, columns: Set<String>?) throws -> KeptOutput? {
    guard case .relation(let cleaned as SourceRelation) = output else { return nil }
    // Steps to come may read any column.
    return cleaned.kept(columns: cleaned.isDone ? columns : nil)
  }

  func restored(_ kept: KeptOutput, _ context: any StageContext) async throws -> StageOutput {
    let cleaned = try MemoryEngine().reopen(
      rows, keeping: try kept.base, over: [input: try context.relation(input)],
      in: context.facts)
    return .relation(cleaned.remembering(kept, asOf: context.asOf))
  }
}
