import Foundation
import Frames
import PipelineFiles
import PostgresClient

/// A run's own session with the state database: it holds the lock, records what happens, and
/// publishes. When it is gone, so is the run.
struct RunSession: Sendable {
  let connection: PostgresConnection
  let run: Int
  let token: Int
  let asOf: Instant

  /// Takes the lock and writes the run's row and those of its stages.
  /// - Throws: `RunError.locked` where another process makes this run.
  static func begin(
    _ planned: PlannedPipeline, environment: PublishingEnvironment, publishes: Bool,
    on connection: PostgresConnection
  ) async throws -> RunSession {
    let pipeline = planned.pipeline
    let lock = RunLock(
      pipeline: pipeline.name, environment: environment.name ?? "", asOf: planned.asOf)
    let key: [Parameter] = [
      .text(lock.pipeline), .text(lock.environment), .instant(lock.asOf),
    ]
    let earlier =
      """
      SELECT run_id FROM roost.runs WHERE pipeline = $1 AND environment = $2 AND as_of = $3
        AND state = 'running' ORDER BY run_id
      """
    guard try await lock.take(on: connection) else {
      let holder = try await connection.query(earlier, key).last?.int("run_id")
      throw RunError.locked(
        pipeline: pipeline.name, asOf: planned.asOf.shortText(in: pipeline.zone), run: holder)
    }
    for row in try await connection.query(earlier, key) {
      try await RunLock.markLost(run: try row.int("run_id"), on: connection)
    }
    let stages = pipeline.stages.map { ($0.name.text, $0.kindName) }
    let zone = pipeline.zone.name
    let (run, token) = try await connection.transaction { database in
      let rows = try database.query(
        """
        INSERT INTO roost.runs (pipeline, environment, as_of, state, publishes, zone)
        VALUES ($1, $2, $3, 'running', $4, $5) RETURNING run_id, token
        """, key + [.bool(publishes), .text(zone)])
      guard let row = rows.first else { throw RunError.lostLock }
      let run = try row.int("run_id")
      for (position, stage) in stages.enumerated() {
        try database.execute(
          """
          INSERT INTO roost.stages (run_id, position, stage, kind, state)
          VALUES ($1, $2, $3, $4, 'waiting')
          """, [Parameter(run), Parameter(position), .text(stage.0), .text(stage.1)])
      }
      return (run, try row.int("token"))
    }
    return RunSession(connection: connection, run: run, token: token, asOf: planned.asOf)
  }

  /// Does the run's work, and cancels it at once when the session ends: the run's lock is gone then.
  /// - Throws: `RunError.lostSession`, and what the work throws.
  func guarding<Value: Sendable>(
    _ work: @escaping @Sendable () async throws -> Value
  ) async throws -> Value {
    let connection = connection
    return try await withThrowingTaskGroup(of: Value.self) { group in
      group.addTask { try await work() }
      group.addTask {
        while await connection.isAlive() { try await Task.sleep(for: .milliseconds(200)) }
        throw RunError.lostSession(connection.location)
      }
      defer { group.cancelAll() }
      guard let value = try await group.next() else { throw CancellationError() }
      return value
    }
  }

  func record(snapshots: [String: Instant]) async throws {
    let json = JSONValue.object(snapshots.mapValues { .string($0.sqlText) })
    try await connection.execute(
      "UPDATE roost.runs SET snapshots = $2::jsonb WHERE run_id = $1",
      [Parameter(run), .text(json.text)])
  }

  func begin(stage: String) async throws {
    try await connection.execute(
      """
      UPDATE roost.stages SET state = 'running', started_at = clock_timestamp()
      WHERE run_id = $1 AND stage = $2
      """, [Parameter(run), .text(stage)])
  }

  func finish(stage: String, _ result: StageResult) async throws {
    try await finish(stage: stage, result, in: connection)
  }

  func finish(
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

  func end(stage: String, as state: StageState, error: String?) async throws {
    try await connection.execute(
      """
      UPDATE roost.stages SET state = $3, error = $4,
        finished_at = CASE WHEN started_at IS NOT NULL THEN clock_timestamp() END
      WHERE run_id = $1 AND stage = $2
      """, [Parameter(run), .text(stage), .text(state.rawValue), Parameter(error)])
  }

  /// Records a folder of this machine with rows about entities.
  func record(_ holding: Holding) async throws {
    try await connection.execute(
      """
      INSERT INTO roost.holdings (name, kind, entity_columns) VALUES ($1, 'file', $2)
      ON CONFLICT (name) DO UPDATE SET entity_columns = excluded.entity_columns
      """,
      [
        .text("\(Self.machine):\(holding.folder)"),
        .texts(holding.entityColumns),
      ])
  }

  /// The name of this machine; empty where it has none.
  static var machine: String {
    var name = [CChar](repeating: 0, count: 256)
    guard gethostname(&name, name.count - 1) == 0 else { return "" }
    return String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
  }

  /// Settles the stages that are not done when a run ends early.
  func settleStages(as state: RunState) async throws {
    try await connection.execute(
      """
      UPDATE roost.stages SET
        state = CASE WHEN $2 OR started_at IS NOT NULL THEN 'cancelled' ELSE 'skipped' END,
        finished_at = CASE WHEN started_at IS NOT NULL THEN clock_timestamp() END
      WHERE run_id = $1 AND state IN ('waiting', 'running')
      """, [Parameter(run), .bool(state == .cancelled)])
  }

  /// Ends a run that is not published.
  func end(as state: RunState, error: String?) async throws {
    try await connection.execute(
      """
      UPDATE roost.runs SET state = $3, error = $4, finished_at = clock_timestamp()
      WHERE run_id = $1 AND token = $2 AND state = 'running'
      """, [Parameter(run), Parameter(token), .text(state.rawValue), Parameter(error)])
  }
}
