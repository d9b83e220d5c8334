import Frames
import MemoryEngine
import PipelineFiles
import Relations

extension FeaturesPlan {
  var isRestoredFromInputs: Bool { true }

  func kept(_ output: StageOutput, columns: Set<String>?) throws -> KeptOutput? {
    guard case .relation(let features as FeatureRelation) = output,
      let remembered = features.remembered
    else { return nil }
    return KeptOutput(rows: remembered.frame)
  }

  func restored(_ kept: KeptOutput, _ context: any StageContext) async throws -> StageOutput {
    var features = try await MemoryEngine().features(
      plan(choosing: try await chosenValues(context)), over: try context.relations(of: rows),
      in: context.facts)
    features.remembered = (context.asOf, try kept.rows)
    return .relation(features)
  }
}
