import Frames
import PipelineFiles
import PostgresClient

/// What happened to the stages of a run and is not stored yet. All of it is stored by one statement,
/// so that stages that end and begin together cost one commit.
struct StageJournal {
  /// What is new of a stage's row.
  private struct Change {
    var state: StageState
    var began: ContinuousClock.Instant?
    var ended: ContinuousClock.Instant?
    var result: StageResult?
    var error: String?
    var tries: Int
  }

  private struct Event {
    let at: ContinuousClock.Instant
    let level: EventLevel
    let stage: String?
    let name: String
    let message: String
  }

  private var states: [String: StageState]
  private var tries: [String: Int] = [:]
  private var changes: [String: Change] = [:]
  private var events: [Event] = []

  init(_ states: [String: StageState]) { self.states = states }

  var isEmpty: Bool { changes.isEmpty && events.isEmpty }

  /// Notes that something happened to a stage.
  mutating func note(
    _ transition: StageTransition, of stage: String, result: StageResult? = nil,
    error: String? = nil
  ) {
    guard let state = transition.state(after: states[stage] ?? .waiting) else {
      assertionFailure("\(transition) of \(stage) after \(states[stage] ?? .waiting)")
      return
    }
    let now = ContinuousClock.now
    states[stage] = state
    if transition == .begin { tries[stage, default: 0] += 1 }
    var change = changes[stage] ?? Change(state: state, tries: 0)
    change.state = state
    change.tries = tries[stage] ?? 0
    if transition == .begin { change.began = now }
    if [.finish, .fail, .cancel].contains(transition) { change.ended = now }
    change.result = result ?? change.result
    change.error = error
    changes[stage] = change
    let level: EventLevel =
      switch transition {
      case .fail: .error
      case .pause, .skip, .cancel: .warning
      default: .info
      }
    let text = error ?? result.map { "\($0.rows) rows" } ?? ""
    events.append(
      Event(at: now, level: level, stage: stage, name: transition.rawValue, message: text))
    for warning in result?.warnings ?? [] { say(.warning, warning, of: stage, as: "warning") }
    for note in result?.notes ?? [] { say(.info, note, of: stage, as: "note") }
  }

  /// Notes an event that changes no stage.
  mutating func say(
    _ level: EventLevel, _ message: String, of stage: String? = nil, as name: String
  ) {
    events.append(Event(at: .now, level: level, stage: stage, name: name, message: message))
  }

  /// Stores everything. Blocks the connection's thread.
  /// - Throws: `RunError.lostLock` where the run is not ours any more.
  mutating func store(_ session: RunSession) async throws {
    guard !isEmpty else { return }
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
          "stage": event.stage.map { .string($0) } ?? .null, "event": .string(event.name),
          "message": .string(event.message),
        ])
      })
    let stored = try await session.connection.query(
      Self.statement,
      [
        Parameter(session.run), Parameter(session.token), Parameter(session.attempt),
        .text(changed.text), .text(told.text),
      ])
    guard try stored.first?.bool("is_ours") == true else { throw RunError.lostLock }
    changes = [:]
    events = []
  }

  private static let statement = """
    WITH run AS (
      SELECT run_id FROM roost.runs WHERE run_id = $1 AND token = $2 AND state = 'running'),
    clock AS (SELECT clock_timestamp() AS now),
    changed AS (
      UPDATE roost.stages s SET
        state = c.state, tries = c.tries, error = c.error,
        started_at = coalesce(clock.now - make_interval(secs => c.began), s.started_at),
        finished_at = clock.now - make_interval(secs => c.ended),
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

/// How much an event matters.
public enum EventLevel: String, Sendable, CaseIterable { case info, warning, error }
