import Frames
import PostgresClient

/// A run that stands on a list, of which each is made once by whoever comes first.
public enum RunClaim: Sendable, Hashable {
  /// A tick of the pipeline's schedule.
  case tick
  /// An as-of of a backfill.
  case backfill(Int)

  /// Marks the run's place on the list as taken by it, in the transaction that begins the run and
  /// under its lock: whoever had the place before is dead or done.
  /// - Throws: `RunError.notClaimed` where the place is gone.
  package func take(
    run: Int, _ lock: RunLock, _ database: isolated PostgresConnection
  ) throws {
    let key: [Parameter] = [Parameter(run), .instant(lock.asOf)]
    let taken: [Row]
    switch self {
    case .tick:
      // A run that somebody made by hand counts, unless its as-of was still to come.
      taken = try database.query(
        """
        UPDATE roost.ticks t
        SET state = 'begun', run_id = $1, attempts = attempts + 1, is_parked = false
        WHERE as_of = $2 AND pipeline = $3 AND environment = $4
          AND (state = 'waiting' OR state = 'begun' AND EXISTS (
            SELECT FROM roost.runs r WHERE r.run_id = t.run_id
              AND (r.state = 'lost' OR r.state = 'cancelled' AND t.is_parked)))
          AND NOT EXISTS (SELECT FROM roost.runs r
            WHERE r.pipeline = $3 AND r.environment = $4 AND r.as_of = $2
              AND r.state = 'succeeded' AND r.publishes AND r.started_at >= r.as_of)
        RETURNING 1
        """, key + [.text(lock.pipeline), .text(lock.environment)])
    case .backfill(let backfill):
      taken = try database.query(
        """
        UPDATE roost.backfill_runs b SET run_id = $1
        WHERE as_of = $2 AND backfill_id = $3
          AND NOT EXISTS (SELECT FROM roost.runs r
            WHERE r.run_id = b.run_id AND r.state IN ('running', 'succeeded'))
          AND EXISTS (SELECT FROM roost.backfills f
            WHERE f.backfill_id = $3 AND f.cancelled_at IS NULL)
        RETURNING 1
        """, key + [Parameter(backfill)])
    }
    if taken.isEmpty { throw RunError.notClaimed }
  }
}
