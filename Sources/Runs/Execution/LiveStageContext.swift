import Frames
import PipelineFiles
import PostgresClient
import Relations
import State

/// What a stage of a real run may use.
struct LiveStageContext: ContextOfInputs {
  let stage: String
  let asOf: Instant
  let zone: CalendarZone
  let engine: any Engine
  let holdoutKey: Secret?
  let inputs: [String: StageOutput]
  let snapshots: SourceSnapshots
  let loader: SnapshotLoader?
  let session: RunSession
  let stateFolder: StateFolder?
  let history: RunHistory
  /// What the stage published so far, for its checkpoint.
  let published = PublishedFrames()
  let observer: RunObserver

  var unpublished: String? { loader == nil ? "the run does not publish" : nil }

  func read(_ statement: PlannedStatement) async throws -> Frame {
    try await snapshots.read(statement, for: stage, observer)
  }

  func sourceIsRead() async throws { try await snapshots.finish(stage) }

  func publish(_ frame: Frame, as table: TargetTable, objections: [String]) async throws {
    published.add(frame, as: table.name)
    // Without publication nothing is written.
    try await loader?.load(frame, as: table, of: stage, objections: objections)
  }

  func pastRuns(of stage: String, atMost count: Int) async throws -> [PastStage] {
    try await history.latest(count, of: stage)
  }

  func record(_ holding: Holding) async throws { try await session.record(holding) }

  func progress(_ progress: StageProgress) { observer(.stageProgress(stage, progress)) }
}
