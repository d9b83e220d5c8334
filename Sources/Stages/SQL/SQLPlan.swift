import Frames
import PipelineFiles
import PostgresClient
import Relations

/// Statements that wait for the run's publication, which is where they are run.
struct SQLPlan: StagePlan {
  let statements: PublicationStatements
  /// The environment that the run publishes to; nil for the project's own schemas.
  let environment: String?
  /// The file of the statements; nil where they stand in the pipeline.
  let path: String?
  /// Why policies may decide which rows are read and written; nil where they may not.
  let policyReason: String?

  var shape: StageShape { .nothing }

  /// In an environment they are left out: their text names tables of the project itself.
  var atPublication: PublicationStatements? { environment == nil ? statements : nil }

  var lineage: StageLineage {
    let source = "\(statements.connection): \(path ?? "SQL of the stage")"
    return Dictionary(
      statements.creates.flatMap(\.fields).map { ($0.name, ColumnLineage(source: source)) },
      uniquingKeysWith: { first, _ in first })
  }

  func steps(asOf: Instant, zone: CalendarZone) -> [PlannedStep] {
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
  func run(_ context: any StageContext) async throws -> StageResult {
    let why = leftOut ?? context.unpublished.map { "left out: \($0)" }
    return StageResult(output: .nothing, rows: 0, notes: why.map { [$0] } ?? [])
  }
}
