import Foundation
import PipelineFiles
import State

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

  /// The runs that left checkpoints and that the state does not know.
  func runsWithCheckpoints(unlike known: KnownRuns) -> [Int] {
    Set(kept.found.values.map(\.maker).filter { !known.know($0) }.map(\.run)).sorted()
  }

  /// Whether the run may take stages from checkpoints.
  package var mayReuse: Bool { resumes || selection != nil }

  /// Which stages would come from checkpoints, given the runs that the state knows.
  package func resumePlan(_ known: KnownRuns) -> ResumePlan {
    guard mayReuse else { return freshPlan }
    var (found, unusable) = kept
    unusable = unusable.mapValues { "its checkpoint cannot be read: \($0)" }
    for (stage, manifest) in found where !known.know(manifest.maker) {
      unusable[stage] =
        "its checkpoint is of run \(manifest.maker.run), which the state does not know"
      found[stage] = nil
    }
    return plan(found, unusable)
  }

  /// The plan of a run that uses no checkpoints.
  var freshPlan: ResumePlan { plan([:], [:]) }

  private func plan(
    _ manifests: [String: CheckpointManifest], _ unusable: [String: String]
  ) -> ResumePlan {
    ResumePlan(
      StageIdentities(self), manifests: manifests, unusable: unusable, selection: selection,
      newReading: UUID().uuidString)
  }

  /// How many stages have checkpoints of runs that the state knows.
  package func checkpointCount(_ known: KnownRuns) -> Int {
    kept.found.values.count { known.know($0.maker) }
  }
}
