import Frames
import PipelineFiles
import PostgresClient

/// Takes a run's lock and writes its row and those of its stages: of a new run, or of a new attempt
/// at one that ended early.
package struct RunOpening: Sendable {
  package let connection: PostgresConnection
  private let pipeline: Pipeline
  private let asOf: Instant
  private let environment: String
  private let told: Parameter
  private let lock: RunLock
  private let patience: LockPatience
  private let tell: @Sendable (String) -> Void

  /// Takes the lock.
  /// - Parameters:
  ///   - told: of what people are told.
  ///   - patience: with which the run's row is waited for, which a host that is gone may still hold.
  ///   - tell: is called with who has it.
  /// - Throws: `RunError.locked` where another process makes this run.
  package init(
    _ pipeline: Pipeline, asOf: Instant, environment: PublishingEnvironment, told: Set<AlertKind>,
    on connection: PostgresConnection, patience: LockPatience = LockPatience(),
    tell: @escaping @Sendable (String) -> Void = { _ in }
  ) async throws {
    self.pipeline = pipeline
    self.asOf = asOf
    self.patience = patience
    self.tell = tell
    self.environment = environment.name ?? ""
    self.told = Parameter(told)
    self.connection = connection
    lock = RunLock(pipeline: pipeline.name, environment: self.environment, asOf: asOf)
    let running = """
      SELECT run_id FROM roost.runs WHERE pipeline = $1 AND environment = $2 AND as_of = $3
        AND state = 'running' ORDER BY run_id
      """
    guard try await lock.take(on: connection) else {
      let holder = try await connection.query(running, key).last?.int("run_id")
      throw RunError.locked(
        pipeline: pipeline.name, asOf: asOf.shortText(in: pipeline.zone), run: holder)
    }
    for row in try await connection.query(running, key) {
      try await RunLock.markLost(run: try row.int("run_id"), on: connection)
    }
  }

  private var key: [Parameter] {
    [.text(pipeline.name), .text(environment), .instant(asOf)]
  }

  /// All runs for this as-of.
  package func knownRuns() async throws -> KnownRuns {
    try await KnownRuns(
      of: pipeline.name, environment: environment, asOf: asOf, on: connection)
  }

  /// The latest whole run for this as-of.
  package func latest() async throws -> (run: Int, state: RunState)? {
    let rows = try await connection.query(
      """
      SELECT run_id, state FROM roost.runs WHERE pipeline = $1 AND environment = $2 AND as_of = $3
        AND selection IS NULL ORDER BY run_id DESC LIMIT 1
      """, key)
    guard let row = rows.first, let state = RunState(rawValue: try row.string("state")) else {
      return nil
    }
    return (try row.int("run_id"), state)
  }

  /// Begins a new run.
  /// - Throws: `RunError.notClaimed` where it stands on its list no longer.
  package func begin(
    _ stages: OpenedStages, publishes: Bool, selection: [String]?, claim: RunClaim?
  ) async throws -> RunSession {
    let parameters =
      key + [
        .bool(publishes), .text(pipeline.zone.name), selection.map { .texts($0) } ?? .null, told,
      ]
    return try await write(stages, event: "begin") { [lock] database in
      let rows = try database.query(
        """
        INSERT INTO roost.runs
          (pipeline, environment, as_of, state, publishes, zone, selection, told_of)
        VALUES ($1, $2, $3, 'running', $4, $5, $6, $7) RETURNING run_id, token, attempt, started_at
        """, parameters)
      if let row = rows.first {
        let run = try row.int("run_id")
        try RunOrigin.sign(run, database)
        try claim?.take(run: run, lock, database)
      }
      return rows
    }
  }

  /// Goes on with a run that ended early, as a new attempt.
  /// - Throws: `RunError.notResumable` where it is not in a state for that any more,
  ///   `RunError.notClaimed` where it stands on its list no longer.
  package func resume(
    _ run: Int, _ stages: OpenedStages, publishes: Bool, claim: RunClaim?
  ) async throws -> RunSession {
    try await write(stages, event: "resume") { [lock, patience, told] database in
      _ = try patience.write(
        "SELECT FROM roost.runs WHERE run_id = \(run) FOR UPDATE",
        to: QualifiedName(schema: "roost", name: "runs"), of: "run \(run)", on: database)
      // Before the run lives again: a list gives away only the places of the dead.
      try claim?.take(run: run, lock, database)
      try RunOrigin.sign(run, database)
      return try database.query(
        """
        UPDATE roost.runs SET state = 'running', attempt = attempt + 1, token = token + 1,
          publishes = $3, told_of = $4, error = NULL, finished_at = NULL, cancel_requested_at = NULL
        WHERE run_id = $1 AND state = ANY($2) RETURNING run_id, token, attempt, started_at
        """,
        [
          Parameter(run), .texts(RunTransition.resume.sources.map(\.rawValue)), .bool(publishes),
          told,
        ])
    }
  }

  /// Goes on with our own run as a new attempt, because its sources have to be read again.
  /// - Parameter pause: for how long it has waited to do so.
  package func again(
    _ session: RunSession, _ stages: OpenedStages, after pause: Swift.Duration
  ) async throws -> RunSession {
    try await write(stages, event: "again") { database in
      try RunOrigin.sign(session.run, after: pause / .seconds(1), database)
      return try database.query(
        """
        UPDATE roost.runs SET attempt = attempt + 1, snapshots = '{}'
        WHERE run_id = $1 AND token = $2 AND state = 'running' RETURNING run_id, token, attempt, started_at
        """, [Parameter(session.run), Parameter(session.token)])
    }
  }

  private func write(
    _ opened: OpenedStages, event: String,
    _ row: @escaping @Sendable (isolated PostgresConnection) throws -> [Row]
  ) async throws -> RunSession {
    let stages = JSONValue.array(opened.stages.enumerated().map { $1.json(at: $0) }).text
    let (connection, asOf) = (connection, asOf)
    let snapshots = opened.snapshots.map {
      JSONValue.object($0.mapValues { .string($0) }).text
    }
    return try await patience.retrying(on: connection, tell: tell) { database in
      guard let row = try row(database).first else { throw RunError.lostLock }
      let run = try row.int("run_id")
      let attempt = try row.int("attempt")
      try database.nameSession(run: run)
      try database.execute(Self.stageRows, [Parameter(run), .text(stages)])
      if let snapshots {
        try database.execute(
          "UPDATE roost.runs SET snapshots = $2::jsonb WHERE run_id = $1",
          [Parameter(run), .text(snapshots)])
      }
      try database.execute(
        """
        INSERT INTO roost.events (run_id, attempt, level, event, message)
        VALUES ($1, $2, 'info', $3, $4)
        """,
        [Parameter(run), Parameter(attempt), .text(event), .text("attempt \(attempt)")])
      return RunSession(
        connection: connection, run: run, token: try row.int("token"), attempt: attempt,
        asOf: asOf, began: try row.instant("started_at"))
    }
  }

  /// Stages that are reused stay as they were, with what their checkpoints say; the others are reset.
  private static let stageRows = """
    WITH stages AS (
      SELECT * FROM jsonb_to_recordset($2::jsonb) AS s(
        position int, stage text, kind text, definition text, reused boolean, rows bigint,
        notes text[], warnings text[], details jsonb)),
    gone AS (
      DELETE FROM roost.stages s WHERE run_id = $1
        AND NOT EXISTS (SELECT FROM stages n WHERE n.stage = s.stage))
    INSERT INTO roost.stages AS s
      (run_id, position, stage, kind, definition, state, is_reused, rows, notes, warnings, details)
    SELECT $1, position, stage, kind, definition,
      CASE WHEN reused THEN 'succeeded' ELSE 'waiting' END, reused, rows, coalesce(notes, '{}'), coalesce(warnings, '{}'), coalesce(details, '{}')
    FROM stages
    ON CONFLICT (run_id, stage) DO UPDATE SET
      position = excluded.position, kind = excluded.kind, definition = excluded.definition,
      state = excluded.state,
      is_reused = excluded.is_reused, rows = excluded.rows, notes = excluded.notes,
      warnings = excluded.warnings, details = excluded.details, error = NULL, tries = 0,
      started_at = CASE WHEN excluded.is_reused THEN s.started_at END,
      finished_at = CASE WHEN excluded.is_reused THEN s.finished_at END
    """
}
