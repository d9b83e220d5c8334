import Frames
import PostgresClient

/// Which run's rows a published table shows.
struct Pointer {
  let target: String
  let asOf: Instant
  /// Whether `_current` moves although it shows a later as-of.
  var movesAnyway = false

  /// The publication whose place a run's would take, or that it follows.
  func base(_ database: isolated PostgresConnection) throws -> PublicationBase? {
    try database.publicationBase(target, asOf: asOf, movesAnyway: movesAnyway)
  }

  /// Publishes a run's rows: as those of its as-of, and in `_current` unless that shows a later one.
  /// - Parameter base: what `base` said in the same transaction.
  func move(
    to run: Int, _ loaded: LoadedTable, from base: PublicationBase?,
    _ database: isolated PostgresConnection
  ) throws {
    let target = Parameter.text(target)
    try database.execute(
      """
      UPDATE roost.publications SET superseded_at = clock_timestamp()
      WHERE target = $1 AND as_of = $2 AND superseded_at IS NULL
      """, [target, .instant(asOf)])
    try database.execute(
      """
      WITH made AS (
        INSERT INTO roost.publications (target, as_of, run_id, rows, before_run, rows_in)
        VALUES ($1, $2, $3, $4, $6, $7) RETURNING target, publication_id, as_of)
      INSERT INTO roost.current_publications AS c (target, publication_id)
      SELECT target, publication_id FROM made
      ON CONFLICT (target) DO UPDATE SET publication_id = excluded.publication_id
      WHERE $5 OR (SELECT p.as_of <= made.as_of OR p.as_of > now() FROM roost.publications p, made
        WHERE p.publication_id = c.publication_id)
      """,
      [
        target, .instant(asOf), Parameter(run), Parameter(loaded.rows), .bool(movesAnyway),
        Parameter(base?.run), .text(loaded.rowsIn.description),
      ])
  }
}
