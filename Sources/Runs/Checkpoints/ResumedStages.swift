import PipelineFiles
import State

extension ResumePlan {
  /// The stages as a run begins with them.
  func opened(_ pipeline: Pipeline) -> OpenedStages {
    OpenedStages(
      stages: pipeline.stages.map { stage in
        let name = stage.name.text
        var reused: OpenedStage.Reused?
        if case .reuse(let manifest, _) = actions[name] {
          let said = manifest.said
          reused = OpenedStage.Reused(
            rows: said.rows, notes: said.notes, warnings: said.warnings, details: said.details)
        }
        return OpenedStage(
          stage: name, kind: stage.kindName, definition: identities[name]?.definition,
          reused: reused)
      }, snapshots: reusedSnapshots)
  }
}
