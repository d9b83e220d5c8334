import Foundation
import PipelineFiles

extension RunRequest {
  /// The checkpoints of the run; nil where nothing is kept on this machine.
  var checkpointFolder: CheckpointFolder? {
    stateFolder.map {
      CheckpointFolder(
        $0, pipeline: planned.pipeline.name, environment: environment.name ?? "",
        asOf: planned.asOf)
    }
  }

  private var kept: (found: [String: CheckpointManifest], damaged: [String: String]) {
    checkpointFolder?.manifests(of: planned.pipeline.stages.map(\.name.text)) ?? ([:], [:])
  }

  /// Which stages would come from checkpoints; nil where nobody asked for that.
  var resumePlan: ResumePlan? {
    guard resumes || selection != nil else { return nil }
    let (found, damaged) = kept
    return ResumePlan(
      StageIdentities(self), manifests: found, damaged: damaged, selection: selection,
      newReading: UUID().uuidString)
  }

  /// The plan of a run that uses no checkpoints.
  var freshPlan: ResumePlan {
    ResumePlan(StageIdentities(self), manifests: [:], newReading: UUID().uuidString)
  }

  /// How many stages have checkpoints.
  var checkpointCount: Int { kept.found.count }
}
