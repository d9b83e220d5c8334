import Frames
import PostgresClient

/// The advisory lock on (pipeline, environment, as-of). It lives as long as the session that took it:
/// when that is gone, the run is dead.
package struct RunLock: Sendable {
  package let pipeline: String
  package let environment: String
  package let asOf: Instant

  package init(pipeline: String, environment: String, asOf: Instant) {
    self.pipeline = pipeline
    self.environment = environment
    self.asOf = asOf
  }

  private var name: String { "roost.run/\(environment)/\(pipeline)/\(asOf.microseconds)" }

  package func take(on connection: PostgresConnection) async throws -> Bool {
    let rows = try await connection.query(
      "SELECT pg_try_advisory_lock(hashtextextended($1, 0)) AS taken", [.text(name)])
    return try rows.first?.bool("taken") ?? false
  }

  /// Whether any session holds it, this one or another.
  private func isHeld(_ connection: PostgresConnection) async throws -> Bool {
    // A lock on a bigint is shown in halves.
    let rows = try await connection.query(
      """
      SELECT EXISTS (SELECT FROM pg_locks
        WHERE locktype = 'advisory' AND objsubid = 1 AND granted
          AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
          AND (classid::int8 << 32) | objid::int8 = hashtextextended($1, 0)) AS is_held
      """, [.text(name)])
    return try rows.first?.bool("is_held") ?? true
  }

  /// Settles every run whose process is gone: a run whose lock nobody holds is dead, whatever its row
  /// says. The locks are only looked at: one taken for a moment would turn a run away that begins.
  package static func settleLost(on connection: PostgresConnection) async throws {
    for run in try await dead(on: connection) {
      try await markLost(run: run.id, token: run.token, on: connection)
    }
  }

  /// Runs whose process is gone and whose rows do not say so yet. Only looks.
  package static func lost(on connection: PostgresConnection) async throws -> [Int] {
    try await dead(on: connection).map(\.id)
  }

  /// The same, each with the token that the dead process held: one that lives again has another.
  private static func dead(
    on connection: PostgresConnection
  ) async throws -> [(id: Int, token: Int)] {
    // A standby knows nothing of the locks of its primary.
    let running = try await connection.query(
      """
      SELECT run_id, pipeline, environment, as_of, token FROM roost.runs
      WHERE state = 'running' AND NOT pg_is_in_recovery()
      """)
    var dead: [(id: Int, token: Int)] = []
    for row in running {
      let lock = RunLock(
        pipeline: try row.string("pipeline"), environment: try row.string("environment"),
        asOf: try row.instant("as_of"))
      // A run takes its lock before its row is there and keeps it until the row is settled.
      if try await lock.isHeld(connection) { continue }
      dead.append((try row.int("run_id"), try row.int("token")))
    }
    guard !dead.isEmpty else { return [] }
    // One that settled itself between the two looks is none, and neither is one that lives again.
    return try await connection.query(
      """
      SELECT run_id, token FROM roost.runs
      WHERE state = 'running' AND run_id || ' ' || token = ANY ($1::text[])
      """, [.texts(dead.map { "\($0.id) \($0.token)" })]
    ).map { (try $0.int("run_id"), try $0.int("token")) }
  }

  /// What is said of a lost run.
  package static let endOfLost = "the process ended without a word"

  /// Settles a run whose process is gone; one that has settled itself meanwhile stays as it is.
  /// - Parameter token: that of its process; nil for who holds the run's lock.
  static func markLost(
    run: Int, token: Int? = nil, on connection: PostgresConnection
  ) async throws {
    let transition = RunTransition.lose
    try await connection.transaction { database in
      let lost = try database.query(
        """
        WITH run AS (
          UPDATE roost.runs SET state = $2, token = token + 1, finished_at = clock_timestamp(),
            error = '\(endOfLost)'
          WHERE run_id = $1 AND state = ANY($3) AND token = coalesce($5, token)
          RETURNING run_id, attempt),
        told AS (
          INSERT INTO roost.events (run_id, attempt, level, event, message)
          SELECT run_id, attempt, 'error', $4, '\(endOfLost)' FROM run)
        SELECT FROM run
        """,
        [
          Parameter(run), .text(transition.target.rawValue),
          .texts(transition.sources.map(\.rawValue)), .text(transition.rawValue),
          Parameter(token),
        ])
      if lost.isEmpty { return }
      try database.execute(
        """
        UPDATE roost.stages SET state = 'cancelled', finished_at = clock_timestamp()
        WHERE run_id = $1 AND state IN ('waiting', 'running', 'retrying')
        """, [Parameter(run)])
      try AlertOutbox.insert(endOf: run, database)
    }
  }
}
