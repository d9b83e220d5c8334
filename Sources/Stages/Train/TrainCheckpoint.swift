import Foundation
import Learning
import PipelineFiles

extension TrainPlan {
  private static let model = "model"
  private static let standing = "standing"

  func kept(_ output: StageOutput, columns: Set<String>?) throws -> KeptOutput? {
    guard case .artifact(let model as ChurnModel) = output else { return nil }
    return KeptOutput(data: [
      Self.model: try model.calibrated.serialized(),
      Self.standing: Array(try JSONEncoder().encode(model.standing)),
    ])
  }

  func restored(_ kept: KeptOutput, _ context: any StageContext) async throws -> StageOutput {
    guard let bytes = kept.data[Self.model], let standing = kept.data[Self.standing] else {
      throw StageFailure("the checkpoint holds no model")
    }
    return .artifact(
      ChurnModel(
        shape: model, calibrated: try await CalibratedModel(serialized: bytes),
        eligible: eligible,
        standing: try JSONDecoder().decode(ModelStanding.self, from: Data(standing))))
  }
}
