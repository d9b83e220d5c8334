import Frames
import PostgresClient

/// The advisory lock on (pipeline, environment, as-of). It lives as long as the session that took it:
/// when that is gone, the run is dead.
struct RunLock: Sendable {
  let pipeline: String
  let environment: String
  let asOf: Instant

  private var name: String { "roost.run/\(environment)/\(pipeline)/\(asOf.microseconds)" }

  func take(on connection: PostgresConnection) async throws -> Bool {
    let rows = try await connection.query(
      "SELECT pg_try_advisory_lock(hashtextextended($1, 0)) AS taken", [.text(name)])
    return try rows.first?.bool("taken") ?? false
  }

  func release(on connection: PostgresConnection) async throws {
    try await connection.query(
      "SELECT pg_advisory_unlock(hashtextextended($1, 0))", [.text(name)])
  }

  /// Settles every run whose process is gone: a run whose lock is free is dead, whatever its row says.
  /// - Parameter connection: a session that makes no run itself, for which its own lock would be free.
  static func settleLost(on connection: PostgresConnection) async throws {
    let running = try await connection.query(
      "SELECT run_id, pipeline, environment, as_of FROM roost.runs WHERE state = 'running'")
    for row in running {
      let lock = RunLock(
        pipeline: try row.string("pipeline"), environment: try row.string("environment"),
        asOf: try row.instant("as_of"))
      guard try await lock.take(on: connection) else { continue }
      try await markLost(run: try row.int("run_id"), on: connection)
      try await lock.release(on: connection)
    }
  }

  /// Settles a run whose process is gone. Only whoever holds its lock may do that.
  static func markLost(run: Int, on connection: PostgresConnection) async throws {
    try await connection.execute(
      """
      WITH run AS (
        UPDATE roost.runs SET state = 'lost', token = token + 1, finished_at = clock_timestamp(),
          error = 'the process ended without a word'
        WHERE run_id = $1 AND state = 'running' RETURNING run_id)
      UPDATE roost.stages s SET state = 'cancelled', finished_at = clock_timestamp()
      FROM run WHERE s.run_id = run.run_id AND s.state IN ('waiting', 'running')
      """, [Parameter(run)])
  }
}
