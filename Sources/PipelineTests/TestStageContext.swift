import Frames
import PipelineFiles
import PostgresClient
import Relations

/// What a stage of a test may use: it reads the given rows, and publishes nothing.
struct TestStageContext: ContextOfInputs {
  let stage: String
  let asOf: Instant
  let zone: CalendarZone
  let engine: any Engine
  let holdoutKey: Secret?
  let inputs: [String: StageOutput]
  let schema: TestSchema

  var enforcesExpectations: Bool { false }
  var unpublished: String? { "a test publishes nothing" }

  /// The rows that are given for the stage, whatever it would have read.
  func read(_ statement: PlannedStatement) async throws -> Frame {
    try await schema.connection.copyOut("SELECT * FROM \(try schema.table(stage).sql)")
  }

  func publish(_ frame: Frame, as table: TargetTable, objections: [String]) async throws {}
  func progress(_ progress: StageProgress) {}
}
