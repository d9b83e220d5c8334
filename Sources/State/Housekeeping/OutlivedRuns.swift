extension Outlived {
  /// Runs that ended, with their stages, events and loads. Those stay of which something is published; the
  /// latest one and the latest good one, which metrics and `roost why` show however seldom there is one; and
  /// those that a tick or a backfill may go on with.
  static let runs = Outlived(
    batch: 500,
    """
    DELETE FROM roost.runs WHERE run_id IN (
      SELECT run_id FROM roost.runs r
      WHERE pipeline = $1 AND finished_at < $2 AND state NOT IN ('running', 'held')
        AND NOT EXISTS (SELECT FROM roost.publications p WHERE p.run_id = r.run_id)
        AND r.run_id IS DISTINCT FROM \(latest("x.selection IS NULL"))
        AND r.run_id IS DISTINCT FROM \(latest("x.state = 'succeeded' AND x.publishes"))
        AND NOT EXISTS (SELECT FROM roost.ticks t WHERE t.run_id = r.run_id AND t.state = 'begun'
          AND (r.state = 'lost' OR r.state = 'cancelled' AND t.is_parked))
        AND NOT EXISTS (SELECT FROM roost.backfill_runs b JOIN roost.backfills f USING (backfill_id)
          WHERE b.run_id = r.run_id AND f.finished_at IS NULL AND f.cancelled_at IS NULL)
      ORDER BY finished_at LIMIT $3 FOR UPDATE SKIP LOCKED)
    RETURNING 1
    """)

  private static func latest(_ condition: String) -> String {
    "(SELECT \(LatestRun.sql(pipeline: "$1", environment: "''", where: condition)))"
  }

  /// What persons decided, once the runs that it is about are gone.
  static let decisions = Outlived(
    """
    DELETE FROM roost.decisions WHERE decision_id IN (
      SELECT decision_id FROM roost.decisions d
      WHERE pipeline = $1 AND made_at < $2
        AND NOT EXISTS (SELECT FROM roost.runs r WHERE r.run_id = d.run_id)
        AND NOT EXISTS (SELECT FROM roost.runs r WHERE r.run_id = (d.details->>'from')::bigint)
      ORDER BY made_at LIMIT $3 FOR UPDATE SKIP LOCKED)
    RETURNING 1
    """)
}
