import Frames
import PipelineFiles
import PostgresClient
import State

/// What is to be run, with everything that it needs.
public struct RunRequest: Sendable {
  /// Reads no columns that nothing uses.
  public let planned: PlannedPipeline
  /// The databases of the project by name: those that the pipeline uses.
  public var connections: [String: ConnectionString]
  /// Name of the connection that holds the state and takes every write.
  public let state: ConnectionString
  public let environment: PublishingEnvironment
  /// False to stop before publication.
  public let publishes: Bool
  public let holdoutKey: Secret?
  /// Role that may read what is published.
  public let grantTo: String?
  /// Where stages keep rows from run to run; nil to keep nothing.
  public var stateFolder: StateFolder?
  /// Of what people are told.
  public var told: Set<AlertKind> = []
  /// What time it is for what is let go; what the state's database says where nil.
  package var now: Instant?
  /// The list on which the run stands; nil where somebody asks for it.
  public var claim: RunClaim?
  /// How a published table is changed that is in use.
  public var lockPatience = LockPatience()
  /// How long sources are waited for that others have locked.
  public var sourcePatience = SourcePatience()
  /// Whether the latest run for this as-of goes on where it ended early.
  public var resumes = false
  /// The stages of a partial run; nil for all.
  public var selection: StageSelection?
  /// A stage that took less is made again sooner than it is read, and not kept; one that reads a
  /// source is, whatever it took, since its rows cannot be made again.
  public var leastCheckpointSeconds = 0.05
  /// Which roost makes it: what another kept is not used.
  public var program = ProgramDigest.running

  public init(
    planned: PlannedPipeline, connections: [String: ConnectionString], state: ConnectionString,
    environment: PublishingEnvironment, publishes: Bool, holdoutKey: Secret?, grantTo: String?
  ) {
    self.planned = planned.narrowed()
    self.connections = connections
    self.state = state
    self.environment = environment
    self.publishes = publishes
    self.holdoutKey = holdoutKey
    self.grantTo = grantTo
  }

  /// Whether a stage does its work in the transaction that publishes the run.
  func waitsForPublication(_ stage: Stage) -> Bool {
    publishes && planned.plan(of: stage)?.atPublication != nil
  }
}

/// How a run ended.
public struct RunOutcome: Sendable {
  public let run: Int
  public let state: RunState
  /// Why it was not published, where it was not.
  public let error: String?
  /// Whether the reason is a database that cannot be reached.
  public var isUnreachable = false
  /// Whether the session that publishes was lost, so that only the database knows what became of it.
  public var isPublicationUnknown = false
}

/// Something that happened in a run, for a display.
public enum RunEvent: Sendable {
  case began(run: Int, attempt: Int)
  /// The instants of the sources' snapshots; connections whose readers have to wait for each other.
  case snapshots([String: Instant])
  case note(String)
  case stageBegan(String)
  case stageProgress(String, StageProgress)
  case stageFinished(String, StageResult)
  case stageFailed(String, String)
  case stageSkipped(String, because: String)
  /// Its output comes from what a run kept.
  case stageReused(String, run: Int)
  /// It failed for a reason that can pass, and is tried again after a pause.
  case stagePaused(String, String, pause: Swift.Duration, tries: Int, of: Int)
  case publishing
  case ended(RunOutcome)
}

/// Is told what happens in a run, from any thread.
public typealias RunObserver = @Sendable (RunEvent) -> Void

/// Tells an observer what is said without an event of its own.
func noting(_ observer: @escaping RunObserver) -> @Sendable (String) -> Void {
  { observer(.note($0)) }
}
