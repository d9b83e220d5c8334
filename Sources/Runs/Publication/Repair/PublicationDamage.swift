import Frames
import PipelineFiles
import PostgresClient

/// Something that somebody has done by hand to what roost publishes.
public enum PublicationDamage: Sendable, Hashable {
  /// The table that holds the rows of all runs is gone, and all that was published in it.
  case noRows(table: String, data: String)
  /// The rows of one publication are gone: dropped, detached or emptied.
  case rowsGone(table: String, run: Int, isShown: Bool)
  /// The table with the rows of one publication has another name or schema.
  case rowsRenamed(table: String, run: Int, rows: QualifiedName, found: QualifiedName)
  /// Rows of one publication were deleted, or others put in.
  case rowsChanged(table: String, run: Int, published: Int, found: Int)
  /// A view is gone.
  case noView(QualifiedName)
  /// Something else has a view's name: "a table".
  case otherKind(QualifiedName, String)
  /// A view shows something else than what was published.
  case otherView(QualifiedName)
  /// The role that may read what is published may not.
  case notGranted(QualifiedName, role: String)

  /// What is wrong.
  public var text: String {
    switch self {
    case .noRows(let table, let data): "\(data), which holds the rows of \(table), is gone"
    case .rowsGone(let table, let run, let isShown):
      "the rows of run \(run) of \(table) are gone"
        + (isShown ? ", and \(table)_current should show them" : ": nobody can go back to it")
    case .rowsRenamed(let table, let run, let rows, let found):
      "\(rows), which holds the rows of run \(run) of \(table), is called \(found) now"
    case .rowsChanged(let table, let run, let published, let found):
      "run \(run) published \(published) rows in \(table), and \(found) are there: somebody has "
        + (found < published ? "deleted rows" : "put rows in")
    case .noView(let view): "the view \(view) is gone"
    case .otherKind(let view, let kind): "\(view) is \(kind), and not the view that roost made"
    case .otherView(let view): "the view \(view) is not as roost made it"
    case .notGranted(let view, let role): "the role '\(role)' may not read \(view) any more"
    }
  }

  /// Whether a run cannot publish before it is mended.
  public var isInTheWay: Bool {
    switch self {
    case .noRows, .otherKind: true
    case .rowsGone, .rowsRenamed, .rowsChanged, .noView, .otherView, .notGranted: false
    }
  }
}

extension PostgresConnection {
  /// What is wrong with a published table. Asks the catalog, and counts rows only where Postgres's
  /// statistics say that there were others.
  /// - Parameters:
  ///   - data: the table that holds its rows.
  ///   - role: who may read what is published.
  package func damage(
    of table: QualifiedName, rowsIn data: QualifiedName, role: String?
  ) throws -> [PublicationDamage] {
    let standing = try query(
      "SELECT to_regclass($1) IS NOT NULL AS is_there", [.text(try data.sql)])
    guard try standing.first?.bool("is_there") == true else {
      return [.noRows(table: table.description, data: data.description)]
        + (try damage(ofViewsOf: table, data, role: nil).filter(\.isInTheWay))
    }
    return try damage(ofRowsOf: table, data) + renamedRows(of: table) + changes(ofRowsOf: table)
      + damage(ofViewsOf: table, data, role: role)
  }

  private func damage(
    ofRowsOf table: QualifiedName, _ data: QualifiedName
  ) throws -> [PublicationDamage] {
    try query(
      """
      SELECT p.run_id, c.publication_id IS NOT NULL AS is_shown
      FROM roost.publications p LEFT JOIN roost.current_publications c USING (publication_id)
      WHERE p.target = $1 AND \(PublishedRows.areGone) ORDER BY p.run_id
      """, [.text(table.description)]
    ).map {
      .rowsGone(
        table: table.description, run: try $0.int("run_id"), isShown: try $0.bool("is_shown"))
    }
  }

  private func renamedRows(of table: QualifiedName) throws -> [PublicationDamage] {
    try query(
      """
      SELECT p.run_id, coalesce(to_jsonb(p)->>'rows_in', t.data_table || '_r' || p.run_id) AS rows_in,
        n.nspname, k.relname
      FROM roost.publications p JOIN roost.targets t USING (target)
      \(PublishedRows.parts) JOIN pg_namespace n ON n.oid = k.relnamespace
      WHERE p.target = $1 AND NOT \(PublishedRows.areCalledSo) AND \(PublishedRows.areOfRun)
      ORDER BY p.run_id
      """, [.text(table.description)]
    ).map {
      .rowsRenamed(
        table: table.description, run: try $0.int("run_id"),
        rows: .inData(try $0.string("rows_in")),
        found: QualifiedName(schema: try $0.string("nspname"), name: try $0.string("relname")))
    }
  }

  /// Rows that were deleted or added by hand in publications that are kept: their tables are loaded once,
  /// and nothing of ours changes them.
  private func changes(ofRowsOf table: QualifiedName) throws -> [PublicationDamage] {
    let touched = try query(
      """
      SELECT p.run_id, p.rows, format('%I.%I', n.nspname, k.relname) AS rows_in
      FROM roost.publications p JOIN roost.targets t USING (target)
      JOIN pg_class k ON k.relnamespace = 'roost_data'::regnamespace AND 'roost_data.' || k.relname
        = coalesce(to_jsonb(p)->>'rows_in', t.data_table || '_r' || p.run_id)
      JOIN pg_namespace n ON n.oid = k.relnamespace
      WHERE p.target = $1 AND k.relkind = 'r' AND pg_relation_size(k.oid) > 0
        AND has_table_privilege(k.oid, 'SELECT')
        AND (pg_stat_get_tuples_deleted(k.oid) > 0
          OR pg_stat_get_tuples_inserted(k.oid) > p.rows)
      ORDER BY p.run_id
      """, [.text(table.description)])
    return try touched.compactMap { row in
      let count = try query("SELECT count(*) AS rows FROM \(try row.string("rows_in"))")
      let (published, found) = (try row.int("rows"), try count.first?.int("rows") ?? 0)
      return published == found
        ? nil
        : .rowsChanged(
          table: table.description, run: try row.int("run_id"), published: published, found: found)
    }
  }

  private func damage(
    ofViewsOf table: QualifiedName, _ data: QualifiedName, role: String?
  ) throws -> [PublicationDamage] {
    let isPublished = try query(
      "SELECT EXISTS (SELECT FROM roost.publications WHERE target = $1) AS is_so",
      [.text(table.description)])
    guard try isPublished.first?.bool("is_so") == true else { return [] }
    let views = [table, TargetTable.current(of: table)]
    let rows = try query(
      """
      SELECT CASE c.relkind WHEN 'v' THEN '' WHEN 'm' THEN 'a materialized view'
          WHEN 'f' THEN 'a foreign table' WHEN 'S' THEN 'a sequence' ELSE 'a table' END AS other_kind,
        c.oid IS NOT NULL AS is_there,
        (SELECT count(DISTINCT d.refobjid) FROM pg_rewrite r
          JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = r.oid
          WHERE r.ev_class = c.oid AND d.refclassid = 'pg_class'::regclass
            AND d.refobjid IN (to_regclass($2), 'roost.publications'::regclass)) = 2 AS is_ours,
        EXISTS (SELECT FROM pg_roles WHERE rolname = $3
          AND NOT (has_table_privilege(oid, c.oid, 'SELECT')
            AND has_schema_privilege(oid, c.relnamespace, 'USAGE'))) AS is_refused
      FROM unnest($1::text[]) WITH ORDINALITY u(name, place)
      LEFT JOIN pg_class c ON c.oid = to_regclass(u.name) ORDER BY place
      """,
      [.texts(try views.map { try $0.sql }), .text(try data.sql), Parameter(role)])
    return try zip(views, rows).compactMap { view, row in
      guard try row.bool("is_there") else { return .noView(view) }
      let kind = try row.string("other_kind")
      if !kind.isEmpty { return .otherKind(view, kind) }
      guard try row.bool("is_ours") else { return .otherView(view) }
      return try row.bool("is_refused") ? .notGranted(view, role: role ?? "") : nil
    }
  }
}

/// Where the rows of publications are.
enum PublishedRows {
  /// Whether rows are gone, of a row `p` of `roost.publications`: their table was dropped, is no part of the
  /// published one any more, or is empty although rows were published.
  static let areGone = """
    NOT EXISTS (
      SELECT FROM roost.targets t \(parts)
      WHERE t.target = p.target AND (\(areCalledSo) OR \(areOfRun))
        AND (p.rows = 0 OR pg_relation_size(k.oid) > 0))
    """

  /// The tables `k` that are parts of the one that holds the rows of all runs, of a row `t` of
  /// `roost.targets`.
  static let parts = """
    JOIN pg_class d ON 'roost_data.' || d.relname = t.data_table
      AND d.relnamespace = 'roost_data'::regnamespace
    JOIN pg_inherits i ON i.inhparent = d.oid AND NOT i.inhdetachpending
    JOIN pg_class k ON k.oid = i.inhrelid
    """

  /// Whether one has the name that was recorded.
  static let areCalledSo = """
    (k.relnamespace = 'roost_data'::regnamespace AND 'roost_data.' || k.relname
      = coalesce(to_jsonb(p)->>'rows_in', t.data_table || '_r' || p.run_id))
    """

  /// Whether one takes the rows of the run, whatever somebody has called it.
  static let areOfRun =
    "pg_get_expr(k.relpartbound, k.oid) = format('FOR VALUES IN (%L)', p.run_id)"
}
