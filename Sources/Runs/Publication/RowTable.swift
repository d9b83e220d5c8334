import PipelineFiles
import PostgresClient
import State

/// A table in `roost_data` with rows of one run, as `roost.row_tables` has it.
struct RowTable: Sendable {
  let name: QualifiedName
  let run: Int
  /// The table of which it is a partition; nil for one that is none.
  let parent: QualifiedName?
  /// Whether somebody has begun to take it out of there.
  let isHalfDetached: Bool

  /// Whether nobody needs it: it is not published, and no attempt at a run will publish it.
  /// Of rows `t` of `roost.row_tables` and `r` of `roost.runs`.
  static let isOver = """
    NOT EXISTS (SELECT FROM roost.publications p WHERE p.rows_in = t.name)
    AND NOT coalesce(r.state IN ('running', 'held') AND r.attempt = t.attempt, false)
    """

  /// Tables that are there and that a condition picks.
  static func all(
    where condition: String, _ parameters: [Parameter] = [], on connection: PostgresConnection
  ) async throws -> [RowTable] {
    // What is half detached comes first: nothing else can be detached from its table until it is gone.
    try await connection.query(
      """
      SELECT t.name, t.run_id, parent.nspname AS parent_schema, parent.relname AS parent_name,
        coalesce(i.inhdetachpending, false) AS is_half_detached
      FROM roost.row_tables t LEFT JOIN roost.runs r USING (run_id)
      LEFT JOIN pg_class c ON c.relnamespace = 'roost_data'::regnamespace
        AND 'roost_data.' || c.relname = t.name
      LEFT JOIN pg_inherits i ON i.inhrelid = c.oid
      LEFT JOIN LATERAL (SELECT nspname, relname FROM pg_class
        JOIN pg_namespace n ON n.oid = relnamespace WHERE pg_class.oid = i.inhparent) parent ON true
      WHERE \(condition) ORDER BY i.inhdetachpending DESC NULLS LAST, t.name
      """, parameters
    ).map { row in
      RowTable(
        name: .inData(try row.string("name")), run: try row.int("run_id"),
        parent: try row.optionalString("parent_name").map {
          QualifiedName(schema: try row.optionalString("parent_schema"), name: $0)
        }, isHalfDetached: try row.bool("is_half_detached"))
    }
  }

  /// Makes the entry of a table; the name is one that nothing else has.
  static func record(
    _ name: QualifiedName, of target: String, run: Int, attempt: Int,
    _ database: isolated PostgresConnection
  ) throws {
    try database.execute(
      "INSERT INTO roost.row_tables (name, target, run_id, attempt) VALUES ($1, $2, $3, $4)",
      [.text(name.description), .text(target), Parameter(run), Parameter(attempt)])
  }

  /// Drops the table, unless somebody needs it by now; with the run's row locked, so that no attempt can
  /// begin and nobody publish it meanwhile.
  func dropIfOver(on connection: PostgresConnection) async throws {
    try await takeOut(on: connection)
    let (name, run) = (name, run)
    try await connection.transaction { database in
      try database.execute("SET LOCAL lock_timeout = '5s'")
      try database.query(
        "SELECT FROM roost.runs WHERE run_id = $1 FOR UPDATE", [Parameter(run)])
      let over = try database.query(
        """
        SELECT FROM roost.row_tables t LEFT JOIN roost.runs r USING (run_id)
        WHERE t.name = $1 AND \(Self.isOver)
        """, [.text(name.description)])
      if over.isEmpty { return }
      try Self.drop(name, database)
    }
  }

  /// Drops a table with its entry.
  static func drop(_ name: QualifiedName, _ database: isolated PostgresConnection) throws {
    try database.execute("DROP TABLE IF EXISTS \(try name.sql)")
    try database.execute(
      "DELETE FROM roost.row_tables WHERE name = $1", [.text(name.description)])
  }

  /// Lets readers of the parent go on; a plain DROP of a partition would make them wait.
  private func takeOut(on connection: PostgresConnection) async throws {
    guard let parent else { return }
    // A transaction that somebody leaves open must not hold up the run: the next one tries again.
    try await connection.execute("SET lock_timeout TO '5s'")
    do {
      try await connection.execute(
        "ALTER TABLE \(try parent.sql) DETACH PARTITION \(try name.sql) "
          + (isHalfDetached ? "FINALIZE" : "CONCURRENTLY"))
    } catch {
      _ = try? await connection.execute(StateSession.usualLockTimeout)
      throw error
    }
    try await connection.execute(StateSession.usualLockTimeout)
  }
}
