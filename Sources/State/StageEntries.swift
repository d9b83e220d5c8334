import Frames
import PipelineFiles
import PostgresClient

/// What is to be stored of the stages of a run: how their rows change, and events.
package struct StageEntries: Sendable {
  /// What is new of a stage's row.
  struct Change: Sendable {
    var state = StageState.waiting
    var began: ContinuousClock.Instant?
    var ended: ContinuousClock.Instant?
    var result: StageResult?
    var error: String?
    var tries = 0
  }

  private struct Event: Sendable {
    let at: ContinuousClock.Instant
    let level: EventLevel
    let stage: String
    let name: String
    let message: String
  }

  private var changes: [String: Change] = [:]
  private var events: [Event] = []

  var isEmpty: Bool { changes.isEmpty && events.isEmpty }

  mutating func change(_ stage: String, _ change: (inout Change) -> Void) {
    change(&changes[stage, default: Change()])
  }

  mutating func say(_ level: EventLevel, _ message: String, of stage: String, as name: String) {
    events.append(Event(at: .now, level: level, stage: stage, name: name, message: message))
  }

  /// Stores everything in one statement.
  /// - Throws: `RunError.lostLock` where the run is not ours any more; `PostgresError`.
  package func store(_ session: RunSession) async throws {
    try await send(session, on: session.connection)
  }

  /// On the connection's thread, so that ages are those of the moment in which they are sent.
  private func send(
    _ session: RunSession, on connection: isolated PostgresConnection
  ) throws {
    let now = ContinuousClock.now
    func age(_ instant: ContinuousClock.Instant?) -> JSONValue {
      instant.map { .number((now - $0) / .seconds(1)) } ?? .null
    }
    let changed = JSONValue.array(
      changes.sorted { $0.key < $1.key }.map { stage, change in
        var object: [String: JSONValue] = [
          "stage": .string(stage), "state": .string(change.state.rawValue),
          "began": age(change.began), "ended": age(change.ended), "tries": .integer(change.tries),
          "error": change.error.map { .string($0) } ?? .null,
        ]
        if let result = change.result {
          object["rows"] = .integer(result.rows)
          object["notes"] = .array(result.notes.map { .string($0) })
          object["warnings"] = .array(result.warnings.map { .string($0) })
          object["details"] = result.details
        }
        return .object(object)
      })
    let told = JSONValue.array(
      events.map { event in
        .object([
          "age": age(event.at), "level": .string(event.level.rawValue),
          "stage": .string(event.stage), "event": .string(event.name),
          "message": .string(event.message),
        ])
      })
    let stored = try connection.query(
      Self.statement,
      [
        Parameter(session.run), Parameter(session.token), Parameter(session.attempt),
        .text(changed.text), .text(told.text),
      ])
    guard try stored.first?.bool("is_ours") == true else { throw RunError.lostLock }
  }

  private static let statement = """
    WITH run AS (
      SELECT run_id FROM roost.runs WHERE run_id = $1 AND token = $2 AND state = 'running'),
    clock AS (SELECT clock_timestamp() AS now),
    changed AS (
      UPDATE roost.stages s SET
        state = c.state, tries = c.tries, error = c.error,
        started_at = coalesce(clock.now - make_interval(secs => c.began), s.started_at),
        -- Two statements are sent at slightly different ages of their server.
        finished_at = CASE WHEN c.ended IS NOT NULL THEN greatest(
          clock.now - make_interval(secs => c.ended),
          coalesce(clock.now - make_interval(secs => c.began), s.started_at)) END,
        rows = coalesce(c.rows, s.rows),
        notes = coalesce(c.notes, s.notes), warnings = coalesce(c.warnings, s.warnings),
        details = coalesce(c.details, s.details)
      FROM run, clock, jsonb_to_recordset($4::jsonb) AS c(
        stage text, state text, began float8, ended float8, tries int, error text, rows bigint,
        notes text[], warnings text[], details jsonb)
      WHERE s.run_id = run.run_id AND s.stage = c.stage),
    told AS (
      INSERT INTO roost.events (run_id, attempt, at, level, stage, event, message)
      SELECT run.run_id, $3, clock.now - make_interval(secs => e.age), e.level, e.stage, e.event,
        e.message
      FROM run, clock, ROWS FROM (jsonb_to_recordset($5::jsonb) AS (
        age float8, level text, stage text, event text, message text)) WITH ORDINALITY AS e
      ORDER BY e.ordinality)
    SELECT EXISTS (SELECT FROM run) AS is_ours
    """
}
