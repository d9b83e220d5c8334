import Frames
import PostgresClient
import State

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
    try database.makeSchema(schema)
    let fields = try fieldsInOrder(database)
    for view in views {
      let standing = try standingColumns(view, database)
      if try standing.map(\.name) != fields.map(\.name) || !shows(view, database) {
        try patience.change(
          view, of: layout.target, by: try definition(of: view, fields), on: database)
      }
      if standing.map(\.about) != fields.map({ $0.about ?? "" }) { try comment(view, database) }
    }
    try readers.grant(views, in: schema, database)
  }

  /// Whether the view is defined as this roost does it.
  private func shows(
    _ view: QualifiedName, _ database: isolated PostgresConnection
  ) throws -> Bool {
    try database.query(
      "SELECT strpos(pg_get_viewdef(to_regclass($1)), $2) > 0 AS is_so",
      [.text(try view.sql), .text("roost_data.\(rows(of: view))(")]
    ).first?.optionalBool("is_so") ?? false
  }

  /// The function that gives the rows which a plan is too old for.
  private func rows(of view: QualifiedName) -> String {
    view == layout.history ? "rows_of_history" : "rows_of_current"
  }

  /// The snapshot of a statement decides what is shown. The plan, which is older, decides which partitions
  /// are looked into; what the snapshot shows beyond them comes from the function. (The condition on its rows is
  /// always true. It makes a subquery of it, without which a join could not look rows up by an index.)
  private func definition(of view: QualifiedName, _ fields: [Field]) throws -> String {
    let columns = try fields.map { try SQL.identifier($0.name) }
    func list(_ table: String) -> String {
      columns.map { "\(table).\($0)" }.joined(separator: ", ")
    }
    let target = try SQL.literal(layout.target)
    let data = try layout.data.sql
    let isHistory = view == layout.history
    var planned = "planned"
    let names = Set(fields.map(\.name))
    while !names.isDisjoint(with: [planned, planned + "_at"]) { planned += "_" }
    let runs =
      isHistory ? "roost_data.planned_runs(\(target))" : "roost_data.planned_run(\(target))"
    let run = isHistory ? "(\(runs))[1]" : runs
    let instant = "roost_data.\(isHistory ? "planned_last" : "planned_instant")(\(target))"
    let union = """
      CREATE OR REPLACE VIEW \(try view.sql) AS SELECT \(list("u")) FROM (
        SELECT \(list("d")), d.run_id AS \(planned), d.as_of AS \(planned)_at FROM \(data) d
        UNION ALL
        SELECT \(list("f")), \(run), \(instant) FROM roost_data.\(rows(of: view))(
          NULL::\(data), \(target), \(runs),
          EXISTS (SELECT FROM \(data) x WHERE x.as_of = \(instant) AND x.run_id = \(run))) f
        WHERE f.run_id IS NOT NULL) u

      """
    return isHistory
      ? union + """
        JOIN roost.publications p ON p.run_id = u.run_id AND p.target = \(target)
          AND p.superseded_at IS NULL
        WHERE u.\(planned) = ANY (\(runs))
        """
      : union + """
        WHERE u.\(planned)_at = \(instant) AND u.\(planned) = \(run) AND u.run_id = (
          SELECT p.run_id FROM roost.current_publications c
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
