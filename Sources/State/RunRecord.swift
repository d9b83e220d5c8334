import Frames
import PipelineFiles
import PostgresClient

public enum RunState: String, Sendable, CaseIterable {
  case running, succeeded, failed, blocked, cancelled
  /// Everything is loaded and nothing visible, until a person says what is to become of it.
  case held
  /// The process is gone without having said how the run ended.
  case lost
}

public enum StageState: String, Sendable, CaseIterable {
  case waiting, running, succeeded, failed, cancelled
  /// Waits for its next try.
  case retrying
  /// Not run, because a stage before it failed, or because nobody asked for it.
  case skipped
}

/// A run as it is kept.
public struct RunRecord: Sendable {
  public let id: Int
  public let pipeline: String
  /// Empty for the project's own schemas.
  public let environment: String
  public let asOf: Instant
  /// The pipeline's time zone, in which the as-of is to be shown.
  public let zone: CalendarZone
  public let state: RunState
  /// Whether it was to publish what it made: a run that succeeded without shows nothing to readers.
  public let publishes: Bool
  public let startedAt: Instant
  public let finishedAt: Instant?
  public let error: String?
  /// The instant of each source's snapshot.
  public let snapshots: [String: Instant]
  /// Whether a `_current` view shows its rows.
  public let isCurrent: Bool
  /// How often it was begun or resumed.
  public let attempt: Int
  /// The stages that a partial run was to make; nil for all.
  public let selection: [String]?
  /// Who made its latest attempt.
  public let origin: RunOrigin
  /// In seconds, how long it was worked at, once it is over: without the time between attempts and
  /// pauses before a next try. Nil where it is lost.
  public let worked: Double?

  package static let columns =
    """
    run_id, pipeline, environment, as_of, zone, state, publishes, started_at, finished_at, error,
    snapshots, attempt, to_jsonb(selection) AS selection, \(RunOrigin.columns),
    -- When a lost run was worked at last nobody knows, only when somebody saw that it is lost.
    CASE WHEN state <> 'lost' THEN extract(epoch FROM
      coalesce((to_jsonb(runs)->>'worked')::interval, '0') + (finished_at
        - coalesce((to_jsonb(runs)->>'attempt_began_at')::timestamptz, started_at)))::float8
      END AS worked,
    EXISTS (SELECT FROM roost.publications p
      JOIN roost.current_publications c USING (publication_id)
      WHERE p.run_id = runs.run_id) AS is_current
    """

  /// - Parameter lost: runs whose process is gone, although their rows may not say so yet.
  package init(_ row: Row, lost: [Int] = []) throws {
    id = try row.int("run_id")
    let isLost = lost.contains(id)
    pipeline = try row.string("pipeline")
    environment = try row.string("environment")
    asOf = try row.instant("as_of")
    zone = CalendarZone(named: try row.string("zone")) ?? .utc
    state = isLost ? .lost : RunState(rawValue: try row.string("state")) ?? .failed
    publishes = try row.bool("publishes")
    startedAt = try row.instant("started_at")
    finishedAt = try row.optionalInstant("finished_at")
    error = isLost ? RunLock.endOfLost : try row.optionalString("error")
    if case .object(let instants)? = JSONValue(parsing: try row.string("snapshots")) {
      snapshots = instants.compactMapValues { $0.string.flatMap { Instant($0, in: .utc) } }
    } else {
      snapshots = [:]
    }
    isCurrent = try row.bool("is_current")
    attempt = try row.int("attempt")
    origin = try RunOrigin(row)
    worked = isLost ? nil : try row.optionalDouble("worked")
    selection = try row.optionalString("selection").flatMap { JSONValue(parsing: $0)?.strings }
  }
}

/// A stage of a run as it is kept.
public struct StageRecord: Sendable {
  public let name: String
  public let kind: String
  public let state: StageState
  public let startedAt: Instant?
  public let finishedAt: Instant?
  public let rows: Int?
  public let notes: [String]
  public let warnings: [String]
  public let details: JSONValue
  public let error: String?
  /// How often it was tried in the latest attempt.
  public let tries: Int
  /// Whether the latest attempt took its output from a checkpoint.
  public let isReused: Bool

  package static let columns =
    """
    stage, kind, state, started_at, finished_at, rows, to_jsonb(notes) AS notes,
    to_jsonb(warnings) AS warnings, details, error, tries, is_reused
    """

  /// - Parameter isOver: whether the run is, whatever the row says.
  package init(_ row: Row, isOver: Bool = false) throws {
    func texts(_ key: RowKey) throws -> [String] {
      JSONValue(parsing: try row.string(key))?.strings ?? []
    }
    name = try row.string("stage")
    kind = try row.string("kind")
    let kept = StageState(rawValue: try row.string("state")) ?? .failed
    state = isOver && [.waiting, .running, .retrying].contains(kept) ? .cancelled : kept
    startedAt = try row.optionalInstant("started_at")
    finishedAt = try row.optionalInstant("finished_at")
    rows = try row.optionalInt("rows")
    notes = try texts("notes")
    warnings = try texts("warnings")
    details = JSONValue(parsing: try row.string("details")) ?? .null
    error = try row.optionalString("error")
    tries = try row.int("tries")
    isReused = try row.bool("is_reused")
  }
}

extension JSONValue {
  /// The texts of an array.
  fileprivate var strings: [String]? {
    if case .array(let values) = self { values.compactMap(\.string) } else { nil }
  }
}

/// What a run published in a table.
public struct PublicationRecord: Sendable {
  public let target: String
  public let rows: Int
  public let isCurrent: Bool
  /// The as-of of the publication that `<table>_current` shows.
  public let currentAsOf: Instant
}
