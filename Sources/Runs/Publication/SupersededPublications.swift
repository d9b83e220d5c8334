import PostgresClient

/// Publications in whose place others of the same as-of have come: who runs the same as-of again and again
/// must not fill the disk.
struct SupersededPublications: Sendable {
  /// How many of one as-of stay: the one that counts, and those in whose place others came last.
  static let kept = 3
  /// How many go at once: each has a table that is dropped.
  static let most = 100

  let connection: PostgresConnection

  /// Forgets those of a table that are more than stay. The one before what `_current` shows stays too, to which
  /// `roost rollback` goes back.
  /// - Returns: what is said of it; nil where none went.
  func forget(_ target: String) async throws -> String? {
    let gone = try await ForgottenRows(connection: connection).forget(
      target,
      where: """
        p.publication_id IN (
          SELECT publication_id FROM (
            SELECT publication_id, run_id, row_number() OVER (
              PARTITION BY as_of ORDER BY superseded_at DESC, publication_id DESC) AS place
            FROM roost.publications WHERE target = $1 AND superseded_at IS NOT NULL) s
          WHERE place >= $2 AND run_id IS DISTINCT FROM (
            SELECT n.before_run FROM roost.current_publications c
            JOIN roost.publications n USING (publication_id) WHERE c.target = $1)
          ORDER BY publication_id LIMIT $3)
        """, [Parameter(Self.kept), Parameter(Self.most)])
    guard gone > 0 else { return nil }
    return
      "\(target): \(gone) superseded \(gone == 1 ? "publication" : "publications") let go; of one "
      + "as-of the latest \(Self.kept) stay"
  }
}
