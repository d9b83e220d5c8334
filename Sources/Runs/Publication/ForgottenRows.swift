import Frames
import PipelineFiles
import PostgresClient
import State

/// Rows that no pointer shows any more, and that older snapshots may still see.
///
/// Who has such a snapshot cannot be asked: an ordinary role is told nothing of the sessions of others, and
/// nothing of what prepared transactions, standbys and replication slots hold back. But the server knows:
/// VACUUM removes a dead row exactly when no snapshot is left that could see it. So every time that
/// something is forgotten, a row of `roost.forgotten_marks` dies in the same transaction.
struct ForgottenRows: Sendable {
  let connection: PostgresConnection

  /// Forgets publications of a table.
  /// - Parameter condition: of rows `p` of `roost.publications`; what `_current` shows stays.
  /// - Returns: how many went.
  @discardableResult
  func forget(
    _ target: String, where condition: String, _ parameters: [Parameter]
  ) async throws -> Int {
    let old = "p.target = $1 AND (\(condition))"
    let parameters = [.text(target)] + parameters
    let shown = "SELECT FROM roost.current_publications c WHERE c.publication_id = p.publication_id"
    let gone = try await connection.query(
      "SELECT FROM roost.publications p WHERE \(old) AND NOT EXISTS (\(shown)) LIMIT 1", parameters)
    if gone.isEmpty { return 0 }
    return try await connection.transaction { database in
      let forgotten = try database.query(
        """
        WITH gone AS (
          DELETE FROM roost.publications p WHERE \(old) AND NOT EXISTS (\(shown))
          RETURNING target, run_id, rows_in),
        kept AS (
          INSERT INTO roost.forgotten (target, run_id, rows_in)
          SELECT target, run_id, rows_in FROM gone ON CONFLICT DO NOTHING)
        SELECT 1 FROM gone
        """, parameters)
      // Only this transaction sees the row alive.
      try database.execute("INSERT INTO roost.forgotten_marks VALUES (1)")
      try database.execute("DELETE FROM roost.forgotten_marks")
      return forgotten.count
    }
  }

  /// Drops what no snapshot shows any more.
  /// - Returns: how many tables have to stay for now.
  @discardableResult
  func drop() async throws -> Int {
    // What is forgotten later has a mark that this VACUUM may not have looked at.
    let forgotten = try await connection.query(
      "SELECT target, run_id, rows_in FROM roost.forgotten")
    if forgotten.isEmpty { return 0 }
    guard try await areUnseen() else { return forgotten.count }
    let names = Parameter.texts(try forgotten.map { try $0.string("rows_in") })
    for table in try await RowTable.all(
      where: "t.name = ANY ($1) AND \(RowTable.isOver)", [names], on: connection)
    {
      try await table.dropIfOver(on: connection)
    }
    return try await connection.query(
      """
      WITH done AS (
        DELETE FROM roost.forgotten f WHERE rows_in = ANY ($1)
          AND NOT EXISTS (SELECT FROM roost.row_tables t WHERE t.name = f.rows_in)
        RETURNING 1)
      SELECT (SELECT count(*) FROM roost.forgotten) - (SELECT count(*) FROM done) AS left_over
      """, [names]
    ).first?.int("left_over") ?? 0
  }

  /// Whether VACUUM can remove all marks: then the table has no pages afterwards.
  private func areUnseen() async throws -> Bool {
    try await connection.execute("SET lock_timeout TO '5s'")
    do {
      try await connection.execute("VACUUM (TRUNCATE) roost.forgotten_marks")
    } catch {
      _ = try? await connection.execute(StateSession.usualLockTimeout)
      throw error
    }
    try await connection.execute(StateSession.usualLockTimeout)
    return try await connection.query(
      "SELECT pg_relation_size('roost.forgotten_marks') = 0 AS are_unseen"
    ).first?.bool("are_unseen") ?? false
  }
}
