import Frames
import PipelineFiles
import PostgresClient
import State

/// Something that happened in a run, as it is kept.
public struct LoggedEvent: Sendable {
  public let id: Int
  public let run: Int
  public let attempt: Int
  public let at: Instant
  public let level: EventLevel
  /// Nil for what concerns the whole run.
  public let stage: String?
  /// What happened: `begin`, `finish`, `note`, …
  public let event: String
  public let message: String

  init(_ row: Row) throws {
    id = try row.int("event_id")
    run = try row.int("run_id")
    attempt = try row.int("attempt")
    at = try row.instant("at")
    level = EventLevel(rawValue: try row.string("level")) ?? .info
    stage = try row.optionalString("stage")
    event = try row.string("event")
    message = try row.string("message")
  }

  /// As one line of a structured log.
  public var json: JSONValue {
    LogLine(
      run: run, attempt: attempt, at: at, level: level, stage: stage, event: event,
      message: message
    ).json
  }
}

extension RunStore {
  /// What happened in a run, in order.
  /// - Parameters:
  ///   - stage: only what concerns this stage; nil for all.
  ///   - after: only events with a greater number.
  public func events(
    of run: Int, stage: String? = nil, after: Int = 0
  ) async throws -> [LoggedEvent] {
    try await query(
      """
      SELECT event_id, run_id, attempt, at, level, stage, event, message FROM roost.events
      WHERE run_id = $1 AND event_id > $2 AND ($3::text IS NULL OR stage = $3) ORDER BY event_id
      """, [Parameter(run), Parameter(after), Parameter(stage)]
    ).map { try LoggedEvent($0) }
  }
}
