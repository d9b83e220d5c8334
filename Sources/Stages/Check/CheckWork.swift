import Frames
import PipelineFiles
import Relations

/// Typed expectations of the rows of one stage.
struct CheckWork: StageWork {
  let expected: ExpectedRows
  let stops: Bool
  /// The pipeline's.
  let file: String

  func run(_ plan: StagePlan, in context: any StageContext) async throws -> StageResult {
    let outcome = try await expected.outcome(context)
    let night = PreviewedNight(file, context)
    if stops, context.enforcesExpectations, let failure = outcome.violations.failure(night) {
      throw failure
    }
    return StageResult(
      output: .nothing, rows: outcome.rows, notes: outcome.notes,
      warnings: outcome.violations.warnings(night),
      details: try JSONValue(details: outcome.details),
      drift: outcome.drift)
  }
}
