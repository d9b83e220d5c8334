import Frames
import PipelineFiles
import PostgresClient
import Runs

/// A row of the ledger, with what became of it.
public struct TickRecord: Sendable {
  public let pipeline: String
  public let environment: String
  public let asOf: Instant
  public let zone: CalendarZone
  public let dueAt: Instant
  public let finishBy: Instant?
  public let origin: TickOrigin
  /// `waiting`, `skipped`, or the state of its run.
  public let state: String
  public let reason: String?
  public let run: Int?
  /// How often a run was begun for it.
  public let attempts: Int

  public var json: JSONValue {
    .object([
      "pipeline": .string(pipeline), "environment": .string(environment),
      "as_of": .string(asOf.rfc3339), "time_zone": .string(zone.name),
      "due_at": .string(dueAt.rfc3339),
      "finish_by": finishBy.map { .string($0.rfc3339) } ?? .null,
      "origin": .string(origin.rawValue), "state": .string(state),
      "reason": reason.map { .string($0) } ?? .null, "run": run.map { .integer($0) } ?? .null,
      "attempts": .integer(attempts),
    ])
  }
}

extension TickLedger {
  /// The latest ticks of an environment, newest first.
  /// - Parameter pipeline: whose; nil for all.
  public func latest(
    _ count: Int, of pipeline: String? = nil, environment: String
  ) async throws -> [TickRecord] {
    let lost = Parameter.texts(try await state.lost().map(String.init))
    return try await state.connection.query(
      """
      SELECT t.pipeline, t.environment, t.as_of, t.zone, t.due_at, t.finish_by, t.origin, t.reason,
        t.run_id, t.attempts,
        CASE WHEN t.state <> 'begun' THEN t.state
          WHEN r.state = 'cancelled' AND t.is_parked THEN 'parked'
          WHEN r.run_id = ANY ($4::text[]::int8[]) THEN 'lost'
          ELSE coalesce(r.state, t.state) END AS state
      FROM roost.ticks t LEFT JOIN roost.runs r ON r.run_id = t.run_id
      WHERE t.environment = $1 AND ($3::text IS NULL OR t.pipeline = $3)
      ORDER BY t.due_at DESC, t.pipeline LIMIT $2
      """, [.text(environment), Parameter(count), Parameter(pipeline), lost]
    ).map { row in
      TickRecord(
        pipeline: try row.string("pipeline"), environment: try row.string("environment"),
        asOf: try row.instant("as_of"), zone: CalendarZone(named: try row.string("zone")) ?? .utc,
        dueAt: try row.instant("due_at"), finishBy: try row.optionalInstant("finish_by"),
        origin: TickOrigin(rawValue: try row.string("origin")) ?? .late,
        state: try row.string("state"), reason: try row.optionalString("reason"),
        run: try row.optionalInt("run_id"), attempts: try row.int("attempts"))
    }
  }
}
