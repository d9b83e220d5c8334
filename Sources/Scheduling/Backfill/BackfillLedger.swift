import Frames
import PipelineFiles
import PostgresClient
import State

/// A backfill as it is kept: what is done of it is known after any crash.
public struct Backfill: Sendable {
  public let id: Int
  /// Whether it was begun before.
  public let isResumed: Bool
  /// As-ofs without a run that succeeded, the oldest first.
  public let pending: [Instant]
  /// Those among them whose run was begun.
  public let begun: Set<Instant>
  public let count: Int
}

/// The backfills in schema `roost`.
public struct BackfillLedger: Sendable {
  private let state: StateDatabase

  public init(_ state: StateDatabase) { self.state = state }

  /// Goes on with the same backfill where it is not done, or begins it.
  public func open(
    _ range: BackfillRange, of pipeline: Pipeline, environment: String
  ) async throws -> Backfill {
    try await state.settleLost()
    let key: [Parameter] = [
      .text(pipeline.name), .text(environment), .instant(range.first), .instant(range.last),
      .text(range.step.description),
    ]
    let asOfs = range.asOfs(in: pipeline.zone)
    return try await state.connection.transaction { database in
      // Two who begin the same must get the same.
      try database.query(
        "SELECT pg_advisory_xact_lock(hashtextextended('roost.backfill/' || $1::text || '/' || $2::text, 0))",
        Array(key.prefix(2)))
      let found = try database.query(
        """
        SELECT backfill_id FROM roost.backfills
        WHERE (pipeline, environment, first_as_of, last_as_of, step) = ($1, $2, $3, $4, $5)
          AND finished_at IS NULL AND cancelled_at IS NULL ORDER BY backfill_id DESC LIMIT 1
        """, key
      ).first?.int("backfill_id")
      if let found {
        let rows = try database.query(
          """
          SELECT b.as_of, r.state = 'succeeded' AS is_done, r.run_id IS NOT NULL AS is_begun
          FROM roost.backfill_runs b LEFT JOIN roost.runs r USING (run_id)
          WHERE b.backfill_id = $1 ORDER BY b.as_of
          """, [Parameter(found)])
        let pending = try rows.filter { try $0.optionalBool("is_done") != true }
        let begun = try pending.filter { try $0.bool("is_begun") }
        return Backfill(
          id: found, isResumed: true, pending: try pending.map { try $0.instant("as_of") },
          begun: Set(try begun.map { try $0.instant("as_of") }), count: rows.count)
      }
      let made = try database.query(
        """
        INSERT INTO roost.backfills (pipeline, environment, first_as_of, last_as_of, step)
        VALUES ($1, $2, $3, $4, $5) RETURNING backfill_id
        """, key)
      let id = try made[0].int("backfill_id")
      try database.execute(
        "INSERT INTO roost.backfill_runs (backfill_id, as_of) SELECT $1, unnest($2::timestamptz[])",
        [Parameter(id), .texts(asOfs.map(\.sqlText))])
      return Backfill(id: id, isResumed: false, pending: asOfs, begun: [], count: asOfs.count)
    }
  }

  /// Notes that a backfill is done, where all its runs have succeeded.
  public func finish(_ id: Int) async throws {
    try await state.connection.execute(
      """
      UPDATE roost.backfills SET finished_at = clock_timestamp()
      WHERE backfill_id = $1 AND NOT EXISTS (
        SELECT FROM roost.backfill_runs b LEFT JOIN roost.runs r USING (run_id)
        WHERE b.backfill_id = $1 AND r.state IS DISTINCT FROM 'succeeded')
      """, [Parameter(id)])
  }

  /// What is left of a backfill, whoever makes it, and whether it is cancelled.
  public func rest(of id: Int) async throws -> (count: Int, isCancelled: Bool) {
    let rows = try await state.connection.query(
      """
      SELECT cancelled_at IS NOT NULL AS is_cancelled,
        (SELECT count(*) FROM roost.backfill_runs f LEFT JOIN roost.runs r USING (run_id)
          WHERE f.backfill_id = b.backfill_id AND r.state IS DISTINCT FROM 'succeeded') AS count
      FROM roost.backfills b WHERE backfill_id = $1
      """, [Parameter(id)])
    guard let row = rows.first else { return (0, false) }
    return (try row.int("count"), try row.bool("is_cancelled"))
  }

  /// Cancels the backfills of a pipeline that are not done: no further run of theirs begins anywhere,
  /// and those under way are asked to end.
  /// - Returns: how many there were.
  public func cancel(pipeline: String, environment: String) async throws -> Int {
    try await state.connection.query(
      """
      WITH gone AS (
        UPDATE roost.backfills SET cancelled_at = clock_timestamp()
        WHERE pipeline = $1 AND environment = $2 AND finished_at IS NULL AND cancelled_at IS NULL
        RETURNING backfill_id),
      asked AS (
        UPDATE roost.runs r SET cancel_requested_at = clock_timestamp()
        FROM roost.backfill_runs b JOIN gone USING (backfill_id)
        WHERE r.run_id = b.run_id AND r.state = 'running')
      SELECT count(*) AS count FROM gone
      """, [.text(pipeline), .text(environment)]
    ).first?.int("count") ?? 0
  }
}
