import Frames
import PostgresClient

/// The views that readers use: the history of all publications, and the current one.
struct TargetViews {
  let layout: TargetLayout
  let grantTo: String?

  /// Makes the views, or changes them where columns came or the role that may read them changed.
  func refresh(_ database: isolated PostgresConnection) throws {
    let schema = try SQL.identifier(layout.name.schema ?? "")
    let fields = try fieldsInOrder(database)
    guard try needsRefresh(fields, database) else { return }
    try database.execute("CREATE SCHEMA IF NOT EXISTS \(schema)")
    let columns = try fields.map { "d.\(try SQL.identifier($0.name))" }
      .joined(separator: ", ")
    let data = try layout.data.sql
    let target = try SQL.literal(layout.target)
    try database.execute(
      """
      CREATE OR REPLACE VIEW \(try layout.history.sql) AS SELECT \(columns) FROM \(data) d
      JOIN roost.publications p ON p.run_id = d.run_id AND p.target = \(target)
        AND p.superseded_at IS NULL
      """)
    // A subquery rather than a join: Postgres then reads the one partition only.
    try database.execute(
      """
      CREATE OR REPLACE VIEW \(try layout.current.sql) AS SELECT \(columns) FROM \(data) d
      WHERE d.run_id = (SELECT p.run_id FROM roost.current_publications c
        JOIN roost.publications p USING (publication_id) WHERE c.target = \(target))
      """)
    for view in [layout.history, layout.current] {
      try comment(view, isCurrent: view == layout.current, database)
    }
    guard let grantTo else { return }
    let role = try SQL.identifier(grantTo)
    try database.execute("GRANT USAGE ON SCHEMA \(schema) TO \(role)")
    try database.execute(
      "GRANT SELECT ON \(try layout.history.sql), \(try layout.current.sql) TO \(role)")
  }

  /// The columns of the view as it stands, then those that are new: a view can only grow at its end.
  private func fieldsInOrder(_ database: isolated PostgresConnection) throws -> [Field] {
    let rows = try database.query(
      """
      SELECT attname FROM pg_attribute
      WHERE attrelid = to_regclass($1) AND attnum > 0 AND NOT attisdropped ORDER BY attnum
      """, [.text(try layout.current.sql)])
    let standing = try rows.map { try $0.string("attname") }
    let fields = layout.fields
    return standing.compactMap { name in fields.first { $0.name == name } }
      + fields.filter { !standing.contains($0.name) }
  }

  /// Replacing a view makes readers wait for a moment, so it is done only when there is a reason.
  private func needsRefresh(
    _ fields: [Field], _ database: isolated PostgresConnection
  ) throws -> Bool {
    for view in [layout.history, layout.current] {
      let rows = try database.query(
        """
        SELECT a.attname, col_description(a.attrelid, a.attnum) AS about
        FROM pg_attribute a WHERE a.attrelid = to_regclass($1) AND a.attnum > 0
          AND NOT a.attisdropped ORDER BY a.attnum
        """, [.text(try view.sql)])
      let found = try rows.map {
        [try $0.string("attname"), try $0.optionalString("about") ?? ""]
      }
      if found != fields.map({ [$0.name, $0.about ?? ""] }) { return true }
      guard let grantTo else { continue }
      let granted = try database.query(
        "SELECT has_table_privilege($1, $2, 'SELECT') AS granted",
        [.text(grantTo), .text(try view.sql)])
      if try granted.first?.bool("granted") != true { return true }
    }
    return false
  }

  private func comment(
    _ view: QualifiedName, isCurrent: Bool, _ database: isolated PostgresConnection
  ) throws {
    let what = isCurrent ? "The latest publication only. " : "All publications, by as_of. "
    try database.execute(
      "COMMENT ON VIEW \(try view.sql) IS \(try SQL.literal(what + layout.snapshot.about))")
    for field in layout.fields {
      let about = try field.about.map { try SQL.literal($0) } ?? "NULL"
      try database.execute(
        "COMMENT ON COLUMN \(try view.sql).\(try SQL.identifier(field.name)) IS \(about)")
    }
  }
}
