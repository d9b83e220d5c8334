import Foundation
import Learning
import PipelineFiles
import Relations

extension TrainWork: ArtifactReader {
  func artifact(from stored: [String: [UInt8]]) async throws -> any Artifact {
    guard let bytes = stored[LearntModel.file] else {
      throw StageFailure("the checkpoint holds no model")
    }
    let calibrated = try await CalibratedModel(
      serialized: bytes, kinds: LearnerChoice.models)
    guard let facts = calibrated.facts else {
      throw StageFailure("the checkpoint does not say what its model is worth")
    }
    return LearntModel(
      shape: model, calibrated: calibrated, eligible: eligible,
      standing: try JSONDecoder().decode(ModelStanding.self, from: Data(facts.utf8)))
  }
}

extension LearntModel {
  fileprivate static let file = "model"

  func stored() throws -> [String: [UInt8]]? { [Self.file: try calibrated.serialized()] }
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
