import Frames
import PostgresClient

/// The publication that a run of a table is compared with: the one that `_current` shows, where the run
/// will take its place; otherwise that of the latest as-of not after its own.
struct PublicationBase: Sendable, Hashable {
  let run: Int
  let asOf: Instant
  let rows: Int
}

extension PostgresConnection {
  /// - Parameter movesAnyway: whether the run takes the current one's place whatever its as-of.
  /// - Returns: nil for a first publication.
  func publicationBase(
    _ target: String, asOf: Instant, movesAnyway: Bool
  ) throws -> PublicationBase? {
    let rows = try query(
      """
      SELECT run_id, as_of, rows FROM (
        SELECT 0 AS rank, p.run_id, p.as_of, p.rows FROM roost.current_publications c
        JOIN roost.publications p USING (publication_id)
        WHERE c.target = $1 AND ($3 OR p.as_of <= $2 OR p.as_of > now())
        UNION ALL
        SELECT 1, run_id, as_of, rows FROM roost.publications
        WHERE target = $1 AND as_of <= $2 AND superseded_at IS NULL) candidates
      ORDER BY rank, as_of DESC LIMIT 1
      """, [.text(target), .instant(asOf), .bool(movesAnyway)])
    guard let row = rows.first else { return nil }
    return PublicationBase(
      run: try row.int("run_id"), asOf: try row.instant("as_of"), rows: try row.int("rows"))
  }
}
