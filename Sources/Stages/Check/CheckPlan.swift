import Frames
import PipelineFiles
import Relations

/// Typed expectations of the rows of one stage.
struct CheckPlan: StagePlan {
  let expected: ExpectedRows
  let stops: Bool
  /// The pipeline's.
  let file: String

  var shape: StageShape { .nothing }
  var lineage: StageLineage { [:] }

  func columns(of input: String, for wanted: Set<String>?) -> Set<String>? {
    expected.needs(of: input)
  }

  func steps(asOf: Instant, zone: CalendarZone) -> [PlannedStep] {
    let beside = expected.others.isEmpty ? "" : " beside \(expected.others.joined(separator: ", "))"
    return [
      PlannedStep(
        "check \(expected.checks.count) expectations of \(expected.input)\(beside), "
          + (stops ? "and publish nothing unless they hold" : "and warn where one does not hold"))
    ]
  }

  func run(_ context: any StageContext) async throws -> StageResult {
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
