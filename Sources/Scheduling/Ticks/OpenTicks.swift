import Frames
import PostgresClient
import State

extension TickLedger {
  /// The ticks of a schedule without a final outcome, the earliest first.
  public func open(_ scheduled: Scheduled) async throws -> [OpenTick] {
    try await Self.open(scheduled, state.connection)
  }

  /// The as-ofs of ticks that may be open, found among the few that wait, that are parked or whose runs have not
  /// ended well: of all ticks of years nearly none is open.
  private static let openKeys = """
    SELECT as_of FROM roost.ticks
    WHERE pipeline = $1 AND environment = $2 AND (state = 'waiting' OR is_parked)
    UNION
    SELECT t.as_of FROM roost.runs r JOIN roost.ticks t USING (run_id)
    WHERE r.state IN ('running', 'lost') AND t.pipeline = $1 AND t.environment = $2
    """

  static func open(
    _ scheduled: Scheduled, _ database: isolated PostgresConnection
  ) throws -> [OpenTick] {
    // Another run of the same as-of stands for the tick, unless its as-of was still to come then.
    try database.query(
      """
      SELECT t.as_of, t.due_at, t.finish_by, t.state, t.origin, t.attempts, t.tries, t.next_try_at,
        t.is_parked, r.run_id, r.state AS run_state, other.run_id AS other_run,
        other.state = 'running' AS is_underway
      FROM (\(openKeys)) k
      JOIN roost.ticks t ON t.pipeline = $1 AND t.environment = $2 AND t.as_of = k.as_of
      LEFT JOIN roost.runs r ON r.run_id = t.run_id
      LEFT JOIN LATERAL (
        SELECT o.run_id, o.state FROM roost.runs o
        WHERE o.pipeline = $1 AND o.environment = $2 AND o.as_of = t.as_of
          AND o.run_id IS DISTINCT FROM t.run_id
          AND (o.state = 'running'
            OR o.state = 'succeeded' AND o.publishes AND o.started_at >= o.as_of)
        ORDER BY o.state = 'running' DESC, o.run_id DESC LIMIT 1) other ON true
      WHERE t.state = 'waiting' OR t.state = 'begun'
        AND (r.state IN ('running', 'lost') OR r.state = 'cancelled' AND t.is_parked)
      ORDER BY t.as_of
      """, scheduled.key
    ).map { try OpenTick($0) }
  }

  /// Notes that a run which was made elsewhere stands for a tick.
  func settle(_ tick: Tick, run: Int, _ scheduled: Scheduled) async throws {
    try await state.connection.execute(
      """
      UPDATE roost.ticks SET state = 'begun', run_id = $4, is_parked = false,
        reason = 'run ' || $4::bigint || ' was there already'
      WHERE pipeline = $1 AND environment = $2 AND as_of = $3
      """, scheduled.key + [.instant(tick.asOf), Parameter(run)])
  }

  /// Notes that no run could be begun, and when it is tried again.
  func postpone(
    _ tick: Tick, because reason: String, until: Instant, _ scheduled: Scheduled
  ) async throws {
    let alert = NewAlert.notStarted(tick.asOf, reason, scheduled)
    try await state.connection.transaction { database in
      try database.execute(
        """
        UPDATE roost.ticks SET tries = tries + 1, next_try_at = $4, reason = $5
        WHERE pipeline = $1 AND environment = $2 AND as_of = $3 AND state <> 'skipped'
        """, scheduled.key + [.instant(tick.asOf), .instant(until), .text(reason)])
      try AlertOutbox.insert(alert, to: scheduled.told, database)
    }
  }

  /// Gives a tick up whose runs are lost again and again. That the last one is lost has been told.
  func giveUp(_ tick: Tick, run: Int, _ scheduled: Scheduled) async throws {
    let reason = "its run was lost \(AlertOutbox.lossesOfATick) times; see run \(run)"
    try await state.connection.execute(
      """
      UPDATE roost.ticks SET state = 'skipped', reason = $4
      WHERE pipeline = $1 AND environment = $2 AND as_of = $3
      """, scheduled.key + [.instant(tick.asOf), .text(reason)])
  }

  /// Marks ticks whose runs are about to be cancelled as to be made by whoever comes next.
  func park(_ ticks: [(Scheduled, Tick)]) async throws {
    for (scheduled, tick) in ticks {
      try await state.connection.execute(
        """
        UPDATE roost.ticks SET is_parked = true, reason = 'parked when the scheduler shut down'
        WHERE pipeline = $1 AND environment = $2 AND as_of = $3 AND state <> 'skipped'
        """, scheduled.key + [.instant(tick.asOf)])
    }
  }

  /// Skips what waits for a pipeline that is not scheduled any more.
  func abandon(_ scheduled: Scheduled, because reason: String) async throws {
    try await state.connection.execute(
      """
      UPDATE roost.ticks SET state = 'skipped', reason = $3
      WHERE pipeline = $1 AND environment = $2 AND state = 'waiting'
      """, scheduled.key + [.text(reason)])
  }

  /// Raises an alert for each tick that is not done by the time that it should be.
  func watchDeadlines(_ scheduled: Scheduled, now: Instant) async throws {
    guard scheduled.told.contains(.late) else { return }
    try await state.connection.execute(
      """
      INSERT INTO roost.alerts (subject, kind, message, pipeline, environment, as_of, zone, run_id)
      SELECT t.pipeline || CASE WHEN t.environment <> '' THEN '/' || t.environment ELSE '' END
          || ' for ' || to_char(t.as_of AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS') || '+00 is late',
        'late', 'not done by ' || to_char(t.finish_by AT TIME ZONE t.zone, 'YYYY-MM-DD HH24:MI')
          || ' (' || t.zone || ')'
          || coalesce(': ' || t.reason, ''), t.pipeline, t.environment, t.as_of, t.zone, t.run_id
      FROM roost.ticks t
      -- A week's ticks; without LIMIT the planner would rather look at all runs.
      LEFT JOIN LATERAL (
        SELECT state, finished_at FROM roost.runs WHERE run_id = t.run_id LIMIT 1) r ON true
      WHERE t.pipeline = $1 AND t.environment = $2 AND t.state <> 'skipped'
        AND t.due_at > $3::timestamptz - interval '7 days' AND t.finish_by <= $3
        AND (t.state = 'waiting' OR r.state IN ('running', 'lost') OR r.finished_at > t.finish_by
          OR r.state = 'cancelled' AND t.is_parked)
      ON CONFLICT (subject) DO NOTHING
      """, scheduled.key + [.instant(now)])
  }

  func hasPendingAlerts(now: Instant) async throws -> Bool {
    try await state.connection.query(
      """
      SELECT EXISTS (SELECT FROM roost.alerts
        WHERE state = 'pending' AND (next_try_at IS NULL OR next_try_at <= $1)) AS found
      """, [.instant(now)]
    ).first?.bool("found") ?? false
  }

  /// The text of a pipeline's file when it could last be read.
  func lastGood(file: String, environment: String) async throws -> String? {
    try await state.connection.query(
      """
      SELECT source FROM roost.schedules WHERE file = $1 AND environment = $2
      ORDER BY looked_at DESC LIMIT 1
      """, [.text(file), .text(environment)]
    ).first?.string("source")
  }
}

extension OpenTick {
  init(_ row: Row) throws {
    tick = Tick(
      asOf: try row.instant("as_of"), dueAt: try row.instant("due_at"),
      finishBy: try row.optionalInstant("finish_by"))
    origin = TickOrigin(rawValue: try row.string("origin")) ?? .late
    attempts = try row.int("attempts")
    tries = try row.int("tries")
    nextTryAt = try row.optionalInstant("next_try_at")
    let runState = try row.optionalString("run_state").flatMap(RunState.init)
    switch (try row.optionalInt("run_id"), runState) {
    case (let run?, .running): state = .underway(run: run)
    case (let run?, .lost): state = .lost(run: run)
    case (let run?, .cancelled): state = .parked(run: run)
    default: state = .waiting
    }
    if let run = try row.optionalInt("other_run") {
      other = OtherRun(run: run, isUnderway: try row.optionalBool("is_underway") ?? false)
    } else {
      other = nil
    }
  }
}
