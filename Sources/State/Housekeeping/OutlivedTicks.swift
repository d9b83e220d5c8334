extension Outlived {
  /// Ticks with a final outcome. The latest of a schedule stays, however seldom it is due. None comes again:
  /// all times until `considered_until` count as looked at.
  static let ticks = Outlived(
    least: .days(30),
    """
    DELETE FROM roost.ticks WHERE (pipeline, environment, as_of) IN (
      SELECT old.pipeline, old.environment, old.as_of FROM roost.schedules s
      CROSS JOIN LATERAL (
        SELECT t.pipeline, t.environment, t.as_of FROM roost.ticks t
        WHERE t.pipeline = s.pipeline AND t.environment = s.environment AND t.due_at < $2
          AND t.due_at < (SELECT max(due_at) FROM roost.ticks l
            WHERE l.pipeline = s.pipeline AND l.environment = s.environment)
          AND t.state <> 'waiting'
          AND NOT (t.state = 'begun' AND EXISTS (SELECT FROM roost.runs r WHERE r.run_id = t.run_id
            AND (r.state IN ('running', 'lost') OR r.state = 'cancelled' AND t.is_parked)))
        ORDER BY t.due_at LIMIT $3 FOR UPDATE SKIP LOCKED) old
      WHERE s.pipeline = $1 LIMIT $3)
    RETURNING 1
    """)

  /// Backfills that are done or cancelled, with their lists.
  static let backfills = Outlived(
    batch: 5,
    """
    DELETE FROM roost.backfills WHERE backfill_id IN (
      SELECT backfill_id FROM roost.backfills
      WHERE pipeline = $1 AND coalesce(finished_at, cancelled_at) < $2
      ORDER BY backfill_id LIMIT $3 FOR UPDATE SKIP LOCKED)
    RETURNING 1
    """)
}
