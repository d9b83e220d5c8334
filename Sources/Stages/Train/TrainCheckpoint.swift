import Foundation
import Learning
import PipelineFiles
import Relations

extension TrainPlan {
  private static let model = "model"

  func kept(_ output: StageOutput, columns: Set<String>?) throws -> KeptOutput? {
    guard case .artifact(let model as ChurnModel) = output else { return nil }
    return KeptOutput(data: [Self.model: try model.calibrated.serialized()])
  }

  func restored(_ kept: KeptOutput, _ context: any StageContext) async throws -> StageOutput {
    guard let bytes = kept.data[Self.model] else {
      throw StageFailure("the checkpoint holds no model")
    }
    let calibrated = try await CalibratedModel(serialized: bytes)
    guard let facts = calibrated.facts else {
      throw StageFailure("the checkpoint does not say what its model is worth")
    }
    return .artifact(
      ChurnModel(
        shape: model, calibrated: calibrated, eligible: eligible,
        standing: try JSONDecoder().decode(ModelStanding.self, from: Data(facts.utf8))))
  }
}

extension ModelStanding {
  /// As text, to be kept with the model.
  var facts: String {
    get throws {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
      return String(decoding: try encoder.encode(self), as: UTF8.self)
    }
  }
}
