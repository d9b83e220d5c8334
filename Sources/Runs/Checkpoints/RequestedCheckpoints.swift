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
    return plan(found, damaged)
  }

  /// The plan of a run that uses no checkpoints.
  var freshPlan: ResumePlan { plan([:], [:]) }

  private func plan(
    _ manifests: [String: CheckpointManifest], _ damaged: [String: String]
  ) -> ResumePlan {
    ResumePlan(
      StageIdentities(self), manifests: manifests, damaged: damaged, selection: selection,
      newReading: UUID().uuidString)
  }

  /// How many stages have checkpoints.
  var checkpointCount: Int { kept.found.count }
}
