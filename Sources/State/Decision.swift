import Foundation
import Frames
import PipelineFiles
import PostgresClient

/// What a person decided about what is published.
public struct Decision: Sendable {
  public enum Kind: String, Sendable { case approve, cancel, rollback }

  public let kind: Kind
  public let run: Int
  /// Of a rollback, the run that was shown before.
  public let from: Int?
  /// The person, as `maria@host`.
  public let by: String
  public let at: Instant

  init(_ row: Row) throws {
    kind = Kind(rawValue: try row.string("kind")) ?? .rollback
    run = try row.int("run_id")
    from = try row.optionalInt("from_run")
    by = try row.string("made_by")
    at = try row.instant("made_at")
  }

  package static func record(
    _ kind: Kind, run: Int, from: Int? = nil, by person: String,
    _ database: isolated PostgresConnection
  ) throws {
    let details = JSONValue.object(from.map { ["from": .integer($0)] } ?? [:])
    try database.execute(
      """
      INSERT INTO roost.decisions (kind, pipeline, environment, run_id, made_by, details)
      SELECT $1, pipeline, environment, run_id, $3, $4::jsonb FROM roost.runs WHERE run_id = $2
      """, [.text(kind.rawValue), Parameter(run), .text(person), .text(details.text)])
  }

  /// The decisions about a run, the earliest first.
  static func about(_ run: Int, on connection: PostgresConnection) async throws -> [Decision] {
    try await connection.query(
      """
      SELECT kind, run_id, made_by, made_at, (details->>'from')::bigint AS from_run
      FROM roost.decisions WHERE run_id = $1 OR (details->>'from')::bigint = $1
      ORDER BY decision_id
      """, [Parameter(run)]
    ).map { try Decision($0) }
  }
}

/// Who uses the program, for what is recorded.
public enum Person {
  /// The user's name and that of the machine: `maria@host`.
  public static var name: String {
    let host = RunSession.machine
    return NSUserName() + (host.isEmpty ? "" : "@\(host)")
  }
}
