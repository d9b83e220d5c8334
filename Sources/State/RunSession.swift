import Foundation
import Frames
import PipelineFiles
import PostgresClient
import Threads

/// A run's own session with the state database: it holds the lock, records what happens, and
/// publishes. When it is gone, so is the run.
package struct RunSession: Sendable {
  package let connection: PostgresConnection
  package let run: Int
  package let token: Int
  /// How often the run was begun or resumed.
  package let attempt: Int
  package let asOf: Instant
  /// When the run began, on the database's clock.
  package let began: Instant

  package init(
    connection: PostgresConnection, run: Int, token: Int, attempt: Int, asOf: Instant,
    began: Instant
  ) {
    self.connection = connection
    self.run = run
    self.token = token
    self.attempt = attempt
    self.asOf = asOf
    self.began = began
  }

  /// Somebody may have asked that the run end.
  package static func checkWish(_ run: Int, _ connection: PostgresConnection) async throws {
    let rows = try await connection.query(
      "SELECT cancel_requested_at IS NOT NULL AS is_due FROM roost.runs WHERE run_id = $1",
      [Parameter(run)])
    if try rows.first?.bool("is_due") == true { throw RunError.cancelRequested }
  }

  /// Takes from the time in which the run was worked at what it has just waited.
  package func rest(_ pause: Swift.Duration) async throws {
    try await connection.execute(
      "UPDATE roost.runs SET worked = worked - make_interval(secs => $2) WHERE run_id = $1",
      [Parameter(run), Parameter(pause / .seconds(1))])
  }

  package func record(snapshots: [String: Instant]) async throws {
    let json = JSONValue.object(snapshots.mapValues { .string($0.sqlText) })
    try await connection.execute(
      "UPDATE roost.runs SET snapshots = $2::jsonb WHERE run_id = $1",
      [Parameter(run), .text(json.text)])
  }

  /// Records a folder of this machine with rows about entities.
  package func record(_ holding: Holding) async throws {
    try await connection.execute(
      """
      INSERT INTO roost.holdings (name, kind, entity_columns) VALUES ($1, 'file', $2)
      ON CONFLICT (name) DO UPDATE SET entity_columns = excluded.entity_columns
      """,
      [.text("\(Self.machine):\(holding.folder)"), .texts(holding.entityColumns)])
  }

  /// Forgets a folder that is empty now.
  package func forget(folder: String) async throws {
    try await Self.forget(folder: folder, on: connection)
  }

  package static func forget(folder: String, on connection: PostgresConnection) async throws {
    try await connection.execute(
      "DELETE FROM roost.holdings WHERE name = $1", [.text("\(machine):\(folder)")])
  }

  /// The folders of this machine that are recorded below another.
  package static func folders(
    below root: String, on connection: PostgresConnection
  ) async throws -> [String] {
    let prefix = "\(machine):"
    return try await connection.query(
      "SELECT name FROM roost.holdings WHERE kind = 'file' AND starts_with(name, $1)",
      [.text("\(prefix)\(root)/")]
    ).map { String(try $0.string("name").dropFirst(prefix.count)) }
  }

  /// The name of this machine; empty where it has none.
  package static var machine: String {
    var name = [CChar](repeating: 0, count: 256)
    guard gethostname(&name, name.count - 1) == 0 else { return "" }
    return String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
  }

  /// Keeps what a stage did within a transaction.
  package func finish(
    stage: String, _ result: StageResult, in database: isolated PostgresConnection
  ) throws {
    try database.execute(
      """
      UPDATE roost.stages SET state = 'succeeded', finished_at = clock_timestamp(), rows = $3,
        notes = $4, warnings = $5, details = $6::jsonb
      WHERE run_id = $1 AND stage = $2
      """,
      [
        Parameter(run), .text(stage), Parameter(result.rows), .texts(result.notes),
        .texts(result.warnings), .text(result.details.text),
      ])
  }

  /// Settles the stages that are not done when a run ends early.
  package func settleStages(as state: RunState) async throws {
    try await connection.execute(
      """
      UPDATE roost.stages SET
        state = CASE WHEN $2 OR started_at IS NOT NULL THEN 'cancelled' ELSE 'skipped' END,
        finished_at = CASE WHEN started_at IS NOT NULL THEN clock_timestamp() END
      WHERE run_id = $1 AND state IN ('waiting', 'running', 'retrying')
      """, [Parameter(run), .bool(state == .cancelled)])
  }

  /// Moves the run as its owner.
  /// - Parameter tells: whether an alert is written of it.
  /// - Throws: `RunError.lostLock` where it is not ours any more, or not in a state for that.
  package func move(
    _ transition: RunTransition, error: String? = nil, tells: Bool = true,
    in database: isolated PostgresConnection
  ) throws {
    let moved = try database.query(
      """
      WITH run AS (
        UPDATE roost.runs SET state = $4, error = $5,
          finished_at = CASE state WHEN 'held' THEN finished_at ELSE clock_timestamp() END
        WHERE run_id = $1 AND token = $2 AND state = ANY($6) RETURNING run_id),
      told AS (
        INSERT INTO roost.events (run_id, attempt, level, event, message)
        SELECT run_id, $3, $8, $7, coalesce($5, '') FROM run)
      SELECT count(*) AS count FROM run
      """,
      [
        Parameter(run), Parameter(token), Parameter(attempt),
        .text(transition.target.rawValue), Parameter(error),
        .texts(transition.sources.map(\.rawValue)), .text(transition.rawValue),
        .text((transition.target == .succeeded ? EventLevel.info : .error).rawValue),
      ])
    guard try moved.first?.int("count") == 1 else { throw RunError.lostLock }
    if tells { try AlertOutbox.insert(endOf: run, database) }
  }

  /// Moves the run as its owner, in a transaction of its own.
  package func move(_ transition: RunTransition, error: String? = nil) async throws {
    let session = self
    try await connection.transaction { try session.move(transition, error: error, in: $0) }
  }
}
