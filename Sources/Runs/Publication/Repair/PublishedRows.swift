import PipelineFiles
import PostgresClient

/// The rows of one publication that are not as they were published, or may not be.
struct DoubtfulRows: Sendable {
  enum Doubt: Sendable, Hashable {
    /// Their table was dropped, is no part of the published one any more, or is empty although rows were
    /// published.
    case gone
    /// Their table has another name or schema.
    case called(QualifiedName)
    /// Postgres's statistics say that there were others.
    case touched
  }

  let publication: Int
  let run: Int
  let target: String
  /// How many were published.
  let rows: Int
  /// The table that was recorded.
  let rowsIn: QualifiedName
  /// Whether `_current` should show them.
  let isShown: Bool
  let doubt: Doubt
}

extension PostgresConnection {
  /// Rows of some published tables that are not as they were published, or may not be; in the order of their
  /// runs. One look at the catalog for each publication, by the name that was recorded; only where that fails, at
  /// what the parts of the table say of themselves.
  func doubtfulRows(of targets: [String]) throws -> [DoubtfulRows] {
    let found = try query(
      """
      SELECT p.publication_id, p.run_id, p.target, p.rows, n.name,
        c.publication_id IS NOT NULL AS is_shown, k.oid IS NOT NULL AS is_there,
        coalesce(pg_relation_size(k.oid), 0) > 0 AS has_rows
      FROM roost.publications p JOIN roost.targets t USING (target)
      LEFT JOIN roost.current_publications c USING (publication_id)
      -- A state that an older roost made has no names yet.
      CROSS JOIN LATERAL (
        SELECT coalesce(to_jsonb(p)->>'rows_in', t.data_table || '_r' || p.run_id) AS name) n
      LEFT JOIN pg_class d ON d.relnamespace = 'roost_data'::regnamespace
        AND d.relname = substr(t.data_table, length('roost_data.') + 1)
      LEFT JOIN LATERAL (
        SELECT k.oid, k.relpages FROM pg_class k JOIN pg_inherits i ON i.inhrelid = k.oid
        WHERE k.relnamespace = 'roost_data'::regnamespace
          AND k.relname = substr(n.name, length('roost_data.') + 1)
          AND i.inhparent = d.oid AND NOT i.inhdetachpending) k ON true
      -- What loads a table looks at it afterwards, and what empties it forgets how many pages it has: so
      -- nearly none has to be opened.
      WHERE p.target = ANY ($1) AND (k.oid IS NULL
        OR p.rows > 0 AND k.relpages = 0 AND pg_relation_size(k.oid) = 0
        OR (pg_stat_get_tuples_deleted(k.oid) > 0 OR pg_stat_get_tuples_inserted(k.oid) > p.rows)
          AND pg_relation_size(k.oid) > 0 AND has_table_privilege(k.oid, 'SELECT'))
      ORDER BY p.run_id, p.target
      """, [.texts(targets)])
    let parts =
      try found.contains { try !$0.bool("is_there") } ? try partsByRun(of: targets) : [:]
    return try found.map { row in
      let (target, run) = (try row.string("target"), try row.int("run_id"))
      let rows = try row.int("rows")
      let part = parts[target]?[run]
      let doubt: DoubtfulRows.Doubt =
        if try row.bool("is_there") {
          try rows > 0 && !row.bool("has_rows") ? .gone : .touched
        } else if let part, rows == 0 || part.hasRows {
          .called(part.name)
        } else {
          .gone
        }
      return DoubtfulRows(
        publication: try row.int("publication_id"), run: run, target: target, rows: rows,
        rowsIn: .inData(try row.string("name")), isShown: try row.bool("is_shown"), doubt: doubt)
    }
  }

  /// The parts of published tables by the runs whose rows they take, whatever somebody has called them.
  private func partsByRun(
    of targets: [String]
  ) throws -> [String: [Int: (name: QualifiedName, hasRows: Bool)]] {
    var parts: [String: [Int: (name: QualifiedName, hasRows: Bool)]] = [:]
    for row in try query(
      """
      SELECT t.target, n.nspname, k.relname, pg_relation_size(k.oid) > 0 AS has_rows,
        \(Partitioning.run(of: "k")) AS run_id
      FROM roost.targets t
      JOIN pg_class d ON d.relnamespace = 'roost_data'::regnamespace
        AND d.relname = substr(t.data_table, length('roost_data.') + 1)
      JOIN pg_inherits i ON i.inhparent = d.oid AND NOT i.inhdetachpending
      JOIN pg_class k ON k.oid = i.inhrelid
      JOIN pg_namespace n ON n.oid = k.relnamespace
      WHERE t.target = ANY ($1)
      """, [.texts(targets)])
    {
      guard let run = try row.optionalInt("run_id") else { continue }
      let name = QualifiedName(
        schema: try row.string("nspname"), name: try row.string("relname"))
      parts[try row.string("target"), default: [:]][run] = (name, try row.bool("has_rows"))
    }
    return parts
  }
}
