import Frames
import PipelineFiles
import Relations
import Runs

/// What a stage of a preview may use: it reads the sources, perhaps a sample of them, and keeps in
/// memory what it would publish.
struct PreviewStageContext: ContextOfInputs {
  let stage: String
  let asOf: Instant
  let zone: CalendarZone
  let engine: any Engine
  let holdoutKey: Secret?
  let inputs: [String: StageOutput]
  let snapshots: SourceSnapshots
  /// What is kept of the rows that the stage reads; nil for all.
  let sample: EntitySample?
  let published: PublishedFrames
  let observer: RunObserver

  /// Who looks wants to see the rows that do not hold what was expected, too.
  var enforcesExpectations: Bool { false }

  func read(_ statement: PlannedStatement) async throws -> Frame {
    let sampled = try sample.map {
      PlannedStatement(connection: statement.connection, sql: try $0.filtering(statement.sql))
    }
    return try await snapshots.read(sampled ?? statement, for: stage, observer)
  }

  func sourceIsRead() async throws { try await snapshots.finish(stage) }

  func publish(_ frame: Frame, as table: TargetTable, objections: [String]) async throws {
    published.add(frame, as: table.name)
  }

  func progress(_ progress: StageProgress) { observer(.stageProgress(stage, progress)) }
}
