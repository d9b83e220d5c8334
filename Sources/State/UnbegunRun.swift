import Frames
import PipelineFiles
import PostgresClient

/// An attempt at a run that ended before it began, since others kept locked what it needs: it is kept as
/// any attempt that fails, so that whoever looks in the morning finds the night.
package struct UnbegunRun: Sendable {
  let pipeline: Pipeline
  let asOf: Instant
  let environment: PublishingEnvironment
  let publishes: Bool
  /// The stages of a partial run; nil for all.
  let selection: [String]?
  /// Whether the latest run for the as-of was to go on.
  let resumes: Bool
  /// Of what people are told.
  let told: Set<AlertKind>
  /// Whether somebody is told of the run's end: a scheduler tells of the tick.
  let tells: Bool

  package init(
    pipeline: Pipeline, asOf: Instant, environment: PublishingEnvironment, publishes: Bool,
    selection: [String]?, resumes: Bool, told: Set<AlertKind>, tells: Bool
  ) {
    self.pipeline = pipeline
    self.asOf = asOf
    self.environment = environment
    self.publishes = publishes
    self.selection = selection
    self.resumes = resumes
    self.told = told
    self.tells = tells
  }

  /// - Returns: the run; nil where there is none to speak of: another process makes it, it is done, or
  ///   its publication is held.
  package func record(_ error: String, on connection: PostgresConnection) async throws -> Int? {
    let lock = RunLock(
      pipeline: pipeline.name, environment: environment.name ?? "", asOf: asOf)
    // What a killed process left says running, and nobody makes it. Before the lock is ours: then the run
    // would look as if somebody did.
    try await RunLock.settleLost(on: connection)
    guard try await lock.take(on: connection) else { return nil }
    return try await connection.transaction { database in
      let latest = try latest(database)
      if resumes, let latest, !latest.mayGoOn { return nil }
      // A scheduler's night that another has made meanwhile.
      if !tells, latest?.isDone == true { return nil }
      let row =
        if let latest, resumes || latest.isUnbegun {
          try goOn(latest.run, database)
        } else {
          try begin(database)
        }
      guard let row else { return nil }
      let (run, attempt) = (try row.int("run_id"), try row.int("attempt"))
      let session = RunSession(
        connection: database, run: run, token: try row.int("token"), attempt: attempt,
        asOf: asOf, began: try row.instant("started_at"))
      try database.execute(
        """
        INSERT INTO roost.events (run_id, attempt, level, event, message)
        VALUES ($1, $2, 'info', 'begin', $3)
        """, [Parameter(run), Parameter(attempt), .text("attempt \(attempt)")])
      try session.move(.fail, error: error, tells: tells, in: database)
      return run
    }
  }

  private var key: [Parameter] {
    [.text(pipeline.name), .text(environment.name ?? ""), .instant(asOf)]
  }

  private typealias Latest = (run: Int, mayGoOn: Bool, isDone: Bool, isUnbegun: Bool)

  /// The latest whole run for the as-of, where this is one too.
  private func latest(_ database: isolated PostgresConnection) throws -> Latest? {
    guard selection == nil else { return nil }
    let rows = try database.query(
      """
      SELECT run_id, state IN ('failed', 'blocked', 'cancelled', 'lost') AS may_go_on,
        state = 'succeeded' AS is_done,
        state = 'failed' AND snapshots = '{}' AND NOT EXISTS (
          SELECT FROM roost.stages s WHERE s.run_id = r.run_id
            AND (started_at IS NOT NULL OR is_reused)) AS is_unbegun
      FROM roost.runs r WHERE pipeline = $1 AND environment = $2 AND as_of = $3
        AND selection IS NULL ORDER BY run_id DESC LIMIT 1
      """, key)
    return try rows.first.map {
      (
        try $0.int("run_id"), try $0.bool("may_go_on"), try $0.bool("is_done"),
        try $0.bool("is_unbegun")
      )
    }
  }

  private static let columns = "run_id, token, attempt, started_at"

  private func begin(_ database: isolated PostgresConnection) throws -> Row? {
    let row = try database.query(
      """
      INSERT INTO roost.runs
        (pipeline, environment, as_of, state, publishes, zone, selection, told_of)
      VALUES ($1, $2, $3, 'running', $4, $5, $6, $7) RETURNING \(Self.columns)
      """,
      key + [
        .bool(publishes), .text(pipeline.zone.name), selection.map { .texts($0) } ?? .null,
        Parameter(told),
      ]
    ).first
    guard let row else { return nil }
    try RunOrigin.sign(try row.int("run_id"), database)
    for (position, stage) in pipeline.stages.enumerated() {
      try database.execute(
        """
        INSERT INTO roost.stages (run_id, position, stage, kind, state)
        VALUES ($1, $2, $3, $4, 'skipped')
        """,
        [
          Parameter(try row.int("run_id")), Parameter(position), .text(stage.name.text),
          .text(stage.kindName),
        ])
    }
    return row
  }

  /// One more attempt at a run; what its stages did stays.
  private func goOn(_ run: Int, _ database: isolated PostgresConnection) throws -> Row? {
    try RunOrigin.sign(run, database)
    return try database.query(
      """
      UPDATE roost.runs SET state = 'running', attempt = attempt + 1, token = token + 1,
        publishes = $3, told_of = $4, error = NULL, finished_at = NULL, cancel_requested_at = NULL
      WHERE run_id = $1 AND state = ANY($2) RETURNING \(Self.columns)
      """,
      [
        Parameter(run), .texts(RunTransition.resume.sources.map(\.rawValue)), .bool(publishes),
        Parameter(told),
      ]
    ).first
  }
}
