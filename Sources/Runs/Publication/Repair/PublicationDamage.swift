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
    return try damage(ofRowsOf: table) + damage(ofViewsOf: table, data, role: role)
  }

  /// What is gone or has another name before what somebody deleted or added: the tables are loaded once, and
  /// nothing of ours changes them.
  private func damage(ofRowsOf table: QualifiedName) throws -> [PublicationDamage] {
    let name = table.description
    let doubtful = try doubtfulRows(of: [name])
    let gone = doubtful.filter { $0.doubt == .gone }.map { rows in
      PublicationDamage.rowsGone(table: name, run: rows.run, isShown: rows.isShown)
    }
    let renamed = doubtful.compactMap { rows in
      if case .called(let found) = rows.doubt {
        PublicationDamage.rowsRenamed(
          table: name, run: rows.run, rows: rows.rowsIn, found: found)
      } else {
        nil
      }
    }
    let changed = try doubtful.filter { $0.doubt == .touched }.compactMap { rows in
      let count = try query("SELECT count(*) AS rows FROM \(try rows.rowsIn.sql)")
      let found = try count.first?.int("rows") ?? 0
      return found == rows.rows
        ? nil
        : PublicationDamage.rowsChanged(
          table: name, run: rows.run, published: rows.rows, found: found)
    }
    return gone + renamed + changed
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
