import Frames
import PipelineFiles
import PostgresClient

/// Something that people are to be told.
public struct NewAlert: Sendable, Hashable {
  public let kind: AlertKind
  /// What it is about. It is told once: another alert with the same subject is dropped.
  public let subject: String
  /// What is said beyond that; never values of rows, never secrets.
  public let message: String?
  public var pipeline: String?
  /// Empty for the project's own schemas.
  public var environment = ""
  public var asOf: Instant?
  /// In which the as-of is shown.
  public var zone: CalendarZone = .utc
  public var run: Int?

  public init(_ kind: AlertKind, subject: String, message: String?) {
    self.kind = kind
    self.subject = subject
    self.message = message
  }
}

/// Alerts are written in the transaction that makes them true, and delivered later by whoever looks:
/// so none is lost with a process, and none tells of what did not happen.
public enum AlertOutbox {
  /// How often a tick's run may be lost before nobody tries again.
  public static let lossesOfATick = 3

  /// Writes an alert, unless nobody is to be told or its subject has been told.
  /// - Parameter told: of what people are told.
  public static func insert(
    _ alert: NewAlert, to told: Set<AlertKind>, _ database: isolated PostgresConnection
  ) throws {
    guard told.contains(alert.kind) else { return }
    try database.execute(
      """
      INSERT INTO roost.alerts (subject, kind, message, pipeline, environment, as_of, zone, run_id)
      VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (subject) DO NOTHING
      """,
      [
        .text(alert.subject), .text(alert.kind.rawValue), Parameter(alert.message),
        Parameter(alert.pipeline), .text(alert.environment), Parameter(alert.asOf),
        .text(alert.zone.name), Parameter(alert.run),
      ])
  }

  /// Writes how a run ended, or that it is held, once its row says so, where its row says that somebody is told.
  /// Runs that publish elsewhere or not at all are nobody's trouble, and what a scheduler will try again has not
  /// ended.
  package static func insert(
    endOf run: Int, _ database: isolated PostgresConnection
  ) throws {
    try database.execute(
      """
      INSERT INTO roost.alerts (subject, kind, message, pipeline, environment, as_of, zone, run_id)
      SELECT 'run ' || run_id || ' attempt ' || attempt || ' ' || state, state, error, pipeline,
        environment, as_of, zone, run_id
      FROM roost.runs r
      WHERE run_id = $1 AND publishes AND environment = ''
        AND state IN ('succeeded', 'failed', 'blocked', 'held', 'cancelled', 'lost')
        AND (told_of IS NULL OR state = ANY (told_of))
        AND NOT EXISTS (SELECT FROM roost.ticks t WHERE t.run_id = r.run_id
          AND (r.state = 'cancelled' AND t.is_parked
            OR r.state = 'lost' AND t.state = 'begun' AND t.attempts < $2))
      ON CONFLICT (subject) DO NOTHING
      """, [Parameter(run), Parameter(lossesOfATick)])
    try insert(driftOf: run, database)
  }

  /// Writes how the stages of a run that ended well differ from those of earlier runs.
  private static func insert(
    driftOf run: Int, _ database: isolated PostgresConnection
  ) throws {
    try database.execute(
      """
      INSERT INTO roost.alerts (subject, kind, message, pipeline, environment, as_of, zone, run_id)
      SELECT 'run ' || run_id || ' drift', 'drift', d.message, pipeline, environment, as_of, zone, run_id
      FROM roost.runs r, LATERAL (
        SELECT string_agg(s.stage || ': ' || told.text, '; ' ORDER BY s.position, told.place)
          AS message
        FROM roost.stages s,
          jsonb_array_elements_text(s.details -> 'drift') WITH ORDINALITY AS told(text, place)
        WHERE s.run_id = r.run_id) d
      WHERE run_id = $1 AND publishes AND environment = '' AND state IN ('succeeded', 'held')
        AND (told_of IS NULL OR 'drift' = ANY (told_of)) AND d.message IS NOT NULL
      ON CONFLICT (subject) DO NOTHING
      """, [Parameter(run)])
  }
}
