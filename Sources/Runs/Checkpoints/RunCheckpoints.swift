import Frames
import PipelineFiles
import PostgresClient
import State
import Synchronization
import Threads

/// The checkpoints of one run: read when it is resumed, written as its stages finish.
final class RunCheckpoints: Sendable {
  let folder: CheckpointFolder
  private let entityColumns: [String]
  private let leastSeconds: Double
  private let writer: CheckpointWriter
  private let snapshots = Mutex<[String: String]>([:])

  init(_ folder: CheckpointFolder, _ request: RunRequest, observer: @escaping RunObserver) {
    self.folder = folder
    leastSeconds = request.leastCheckpointSeconds
    entityColumns = Set(request.planned.pipeline.stages.compactMap(\.kind.namedEntity?.column))
      .sorted()
    let told = Mutex<Set<String>>([])
    writer = CheckpointWriter(folder) { stage, trouble in
      guard told.withLock({ $0.insert(trouble).inserted }) else { return }
      observer(.note("a resumed run would have to make \(stage) again: \(trouble)"))
    }
  }

  /// Notes at which instants the sources are read whose rows are kept from now on.
  func begin(reading instants: [String: Instant]) {
    snapshots.withLock { $0 = instants.mapValues(\.sqlText) }
  }

  /// The same of a reading that is used again.
  func begin(reusing instants: [String: String]) { snapshots.withLock { $0 = instants } }

  /// Keeps what a stage made, where it is worth keeping.
  func keep(
    _ result: StageResult, of stage: String, _ plan: StagePlan, _ identity: StageIdentity,
    _ published: PublishedFrames, columns: Set<String>?, seconds: Double, _ session: RunSession
  ) {
    guard plan.reading != nil || seconds >= leastSeconds,
      let kept = try? plan.kept(result.output, columns: columns)
    else { return }
    var maker = CheckpointMaker(session)
    maker.snapshots = snapshots.withLock { $0 }
    writer.write(
      CheckpointFolder.Content(
        stage: stage, identity: identity, kept: kept,
        published: published.all.map { (name: $0.key, frame: $0.value) },
        said: .init(
          rows: result.rows, notes: result.notes, warnings: result.warnings,
          details: result.details,
          objections: result.objections.isEmpty ? nil : result.objections)),
      by: maker)
  }

  /// Records the folder, so that a person can be forgotten everywhere.
  func record(_ session: RunSession) async throws {
    try await session.record(Holding(folder: folder.path, entityColumns: entityColumns))
  }

  /// The output of a stage as it was, published tables included.
  /// - Throws: `FrameFileError`, `CheckpointTrouble`, and what loading throws.
  func restore(
    _ manifest: CheckpointManifest, _ plan: StagePlan, isNeeded: Bool,
    _ context: LiveStageContext
  ) async throws -> StageResult {
    let folder = folder
    let (kept, published) = try await onOwnThread(named: "roost checkpoint") {
      try folder.read(manifest, threads: 2)
    }
    for table in plan.tables {
      guard let frame = published[table.name] else { continue }
      try await context.publish(frame, as: table)
    }
    let said = manifest.said
    return StageResult(
      output: isNeeded ? try await plan.restored(kept, context) : .nothing, rows: said.rows,
      notes: said.notes, warnings: said.warnings, details: said.details,
      objections: said.objections ?? [])
  }

  /// Returns when everything is on the disk that a resumed run could use.
  func finish() async { await writer.finish() }

  /// Removes everything, as the run is over for good.
  func clear(_ session: RunSession) async throws {
    try await writer.clear()
    try await session.forget(folder: folder.path)
  }
}
