import Foundation
import PostgresClient

/// Who makes an attempt at a run: kept with it, so that a person finds the process and knows whom to ask.
public struct RunOrigin: Sendable, Hashable {
  /// The version of this roost.
  public static let version = "0.1.0"

  /// Nil where an older roost made the run.
  public let host: String?
  public let pid: Int?
  public let version: String?
  public let user: String?

  /// What is read of a row of `roost.runs`. An older state has none of it.
  static let columns = """
    to_jsonb(runs)->>'host' AS host, (to_jsonb(runs)->>'pid')::int4 AS pid,
    to_jsonb(runs)->>'roost_version' AS roost_version, to_jsonb(runs)->>'made_by' AS made_by
    """

  init(_ row: Row) throws {
    host = try row.optionalString("host")
    pid = try row.optionalInt("pid")
    version = try row.optionalString("roost_version")
    user = try row.optionalString("made_by")
  }

  /// `maria@etl1, process 4711, roost 0.1.0`; nil where nothing is known.
  public var text: String? {
    guard let host, let pid, let version, let user else { return nil }
    return "\(user)@\(host), process \(pid), roost \(version)"
  }

  /// Signs a run whose attempt begins, in the transaction in which it does and before its row says so. What
  /// was worked until now counts; that nobody was at it, or that it waited to read again, does not.
  /// - Parameter pause: seconds for which it has just waited.
  static func sign(
    _ run: Int, after pause: Double = 0, _ database: isolated PostgresConnection
  ) throws {
    try database.execute(
      """
      UPDATE roost.runs r SET host = $2, pid = $3, roost_version = $4, made_by = $5,
        worked = worked + greatest('0', coalesce(CASE state
          WHEN 'running' THEN clock_timestamp() - make_interval(secs => $6)
          WHEN 'lost' THEN (SELECT max(e.at) FROM roost.events e
            WHERE e.run_id = r.run_id AND e.attempt = r.attempt AND e.event <> 'lose')
          ELSE finished_at END - coalesce(attempt_began_at, started_at), '0')),
        attempt_began_at = clock_timestamp()
      WHERE run_id = $1
      """,
      [
        Parameter(run), .text(RunSession.machine), Parameter(Int(getpid())), .text(version),
        .text(NSUserName()), Parameter(pause),
      ])
  }
}
