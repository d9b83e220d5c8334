import Frames
import PipelineFiles
import State

/// All that is known of why a pipeline ran, or did not.
public struct WhyFacts: Sendable {
  /// A run as the question needs it.
  public struct Run: Sendable {
    public let id: Int
    public let asOf: Instant
    public let state: RunState
    public let startedAt: Instant
    public let finishedAt: Instant?
    public let error: String?
    public let publishes: Bool
    public let attempt: Int
    /// Stages that are under way or wait for their next try.
    public let underway: [String]
  }

  /// What is different in the latest good run, stage by stage.
  public struct Change: Sendable, Hashable {
    public enum Kind: Sendable, Hashable {
      case rows(now: Int, usual: Int)
      case seconds(now: Double, usual: Double)
      case definition
      case isNew
    }
    public let stage: String
    public let kind: Kind
  }

  public let pipeline: String
  public let zone: CalendarZone
  /// By the clock of the state's database, where that can be asked.
  public var now: Instant
  /// What is wrong with its file; nil where it can be read.
  public var brokenFile: String?
  /// What is wrong with it beside its form: columns, types, privileges.
  public var wrongFiles: String?
  /// Who has locked what it reads, so that it cannot begin.
  public var locked: String?
  /// The databases that cannot be reached, with what they say.
  public var unreachable: [String] = []
  /// Whether its file says when it runs.
  public var hasSchedule = false
  public var nextDue: Instant?
  /// When it was due last, by its schedule.
  public var lastDue: Tick?
  /// Whether the state database has answered.
  public var isStateKnown = false
  /// Whether who asks could make runs: what an asker's role lacks says nothing of the scheduler's.
  public var mayMakeRuns = true
  /// When a scheduler last looked at it; nil where none ever did.
  public var lookedAt: Instant?
  /// What became of the last time that it was due.
  public var tick: TickRecord?
  /// The run under way.
  public var running: Run?
  /// The latest run that has ended.
  public var latest: Run?
  public var changes: [Change] = []

  public init(pipeline: String, zone: CalendarZone, now: Instant) {
    self.pipeline = pipeline
    self.zone = zone
    self.now = now
  }
}
