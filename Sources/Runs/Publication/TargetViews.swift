import Frames
import PostgresClient

/// The views that readers use: the history of all publications, and the current one.
struct TargetViews {
  let layout: TargetLayout
  let readers: Readers
  let patience: LockPatience

  private var views: [QualifiedName] { [layout.history, layout.current] }

  /// Makes what is not there yet and changes what is not as it should be: schema, views, comments,
  /// grants. What stands is left alone, so that publishing takes no right and no lock for it.
  func refresh(_ database: isolated PostgresConnection) throws {
    let schema = layout.name.schema ?? ""
    try Readers.makeSchema(schema, database)
    let fields = try fieldsInOrder(database)
    for view in views {
      let standing = try standingColumns(view, database)
      if standing.map(\.name) != fields.map(\.name) {
        try patience.change(
          view, of: layout.target, by: try definition(of: view, fields), on: database)
      }
      if standing.map(\.about) != fields.map({ $0.about ?? "" }) { try comment(view, database) }
    }
    try readers.grant(views, in: schema, database)
  }

  private func definition(of view: QualifiedName, _ fields: [Field]) throws -> String {
    let columns = try fields.map { "d.\(try SQL.identifier($0.name))" }
      .joined(separator: ", ")
    let target = try SQL.literal(layout.target)
    let select =
      "CREATE OR REPLACE VIEW \(try view.sql) AS SELECT \(columns) FROM \(try layout.data.sql) d\n"
    return view == layout.history
      ? select + """
        JOIN roost.publications p ON p.run_id = d.run_id AND p.target = \(target)
          AND p.superseded_at IS NULL
        """
      // A subquery rather than a join: Postgres then reads the one partition only.
      : select + """
        WHERE d.run_id = (SELECT p.run_id FROM roost.current_publications c
          JOIN roost.publications p USING (publication_id) WHERE c.target = \(target))
        """
  }

  /// The columns of the view as it stands, then those that are new: a view can only grow at its end.
  private func fieldsInOrder(_ database: isolated PostgresConnection) throws -> [Field] {
    let standing = try standingColumns(layout.history, database).map(\.name)
    let fields = layout.fields
    return standing.compactMap { name in fields.first { $0.name == name } }
      + fields.filter { !standing.contains($0.name) }
  }

  private func standingColumns(
    _ view: QualifiedName, _ database: isolated PostgresConnection
  ) throws -> [(name: String, about: String)] {
    try database.query(
      """
      SELECT a.attname, col_description(a.attrelid, a.attnum) AS about
      FROM pg_attribute a WHERE a.attrelid = to_regclass($1) AND a.attnum > 0
        AND NOT a.attisdropped ORDER BY a.attnum
      """, [.text(try view.sql)]
    ).map { (try $0.string("attname"), try $0.optionalString("about") ?? "") }
  }

  private func comment(_ view: QualifiedName, _ database: isolated PostgresConnection) throws {
    let isCurrent = view == layout.current
    let what = isCurrent ? "The latest publication only. " : "All publications, by as_of. "
    try database.execute(
      "COMMENT ON VIEW \(try view.sql) IS \(try SQL.literal(what + layout.table.about))")
    for field in layout.fields {
      let about = try field.about.map { try SQL.literal($0) } ?? "NULL"
      try database.execute(
        "COMMENT ON COLUMN \(try view.sql).\(try SQL.identifier(field.name)) IS \(about)")
    }
  }
}
