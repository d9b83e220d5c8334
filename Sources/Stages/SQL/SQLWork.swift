import Frames
import PipelineFiles
import Relations

/// Statements that wait for the run's publication, which is where they are run.
struct SQLWork: StageWork {
  let statements: PublicationStatements
  /// The environment that the run publishes to; nil for the project's own schemas.
  let environment: String?
  /// Why policies may decide which rows are read and written; nil where they may not.
  let policyReason: String?

  var steps: [PlannedStep] {
    if let leftOut { return [PlannedStep(leftOut)] }
    let count = statements.statements.count
    let verbs = statements.statements.map { $0.verb.uppercased() }.joined(separator: ", ")
    return [
      PlannedStep("at publication: \(count) \(count == 1 ? "statement" : "statements"): \(verbs)")
    ]
      + (policyReason.map { [PlannedStep("without what a policy hides from the role: \($0)")] }
        ?? [])
  }

  private var leftOut: String? {
    environment.map {
      "left out in environment \($0): its SQL names tables itself, and would write into the project's own"
    }
  }

  /// Says why nothing is done; a run that publishes does not come here.
  func run(_ plan: StagePlan, in context: any StageContext) async throws -> StageResult {
    let why = leftOut ?? context.unpublished.map { "left out: \($0)" }
    return StageResult(output: .nothing, rows: 0, notes: why.map { [$0] } ?? [])
  }
}
