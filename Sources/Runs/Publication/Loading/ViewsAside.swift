import PostgresClient
import State

/// Views that are dropped while a table under them changes, and made again as they were in the same
/// transaction: with their comments, grants and options.
struct ViewsAside {
  private let statements: [String]

  /// Drops those of some views that are there.
  /// - Parameter table: what a message calls them where they stay in use.
  static func take(
    _ views: [QualifiedName], of table: String, _ patience: LockPatience,
    _ database: isolated PostgresConnection
  ) throws -> ViewsAside {
    var statements: [String] = []
    for view in views {
      let made = try remake(view, database)
      guard !made.isEmpty else { continue }
      try patience.change(view, of: table, by: "DROP VIEW \(try view.sql)", on: database)
      statements += made
    }
    return ViewsAside(statements: statements)
  }

  func putBack(_ database: isolated PostgresConnection) throws {
    for statement in statements { try database.execute(statement) }
  }

  /// The statements that make a view as it is; none where there is none.
  private static func remake(
    _ view: QualifiedName, _ database: isolated PostgresConnection
  ) throws -> [String] {
    let name = try view.sql
    let found = try database.query(
      """
      SELECT pg_get_viewdef(oid) AS definition, array_to_string(reloptions, ', ') AS options,
        obj_description(oid) AS about
      FROM pg_class WHERE oid = to_regclass($1) AND relkind = 'v'
      """, [.text(name)])
    guard let row = found.first else { return [] }
    let options = try row.optionalString("options").map { " WITH (\($0))" } ?? ""
    var statements = ["CREATE VIEW \(name)\(options) AS \(try row.string("definition"))"]
    if let about = try row.optionalString("about") {
      statements.append("COMMENT ON VIEW \(name) IS \(try SQL.literal(about))")
    }
    for column in try database.query(
      """
      SELECT attname, col_description(attrelid, attnum) AS about FROM pg_attribute
      WHERE attrelid = to_regclass($1) AND attnum > 0
        AND col_description(attrelid, attnum) IS NOT NULL
      """, [.text(name)])
    {
      let column = (try column.string("attname"), try column.string("about"))
      statements.append(
        "COMMENT ON COLUMN \(name).\(try SQL.identifier(column.0)) IS \(try SQL.literal(column.1))")
    }
    return statements + (try grants(name, database))
  }

  /// What others than the owner may do with a view, or with some of its columns.
  private static func grants(
    _ name: String, _ database: isolated PostgresConnection
  ) throws -> [String] {
    try database.query(
      """
      SELECT a.privilege_type || coalesce(' (' || quote_ident(g.attname) || ')', '') AS privilege,
        CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END AS grantee,
        a.is_grantable
      FROM (SELECT relacl AS acl, NULL::name AS attname, relowner AS owner FROM pg_class
          WHERE oid = to_regclass($1)
        UNION ALL SELECT attacl, attname, relowner FROM pg_attribute JOIN pg_class c ON c.oid = attrelid
          WHERE attrelid = to_regclass($1) AND attnum > 0) g
      CROSS JOIN LATERAL aclexplode(g.acl) a WHERE a.grantee <> g.owner
      """, [.text(name)]
    ).map { row in
      "GRANT \(try row.string("privilege")) ON \(name) TO \(try row.string("grantee"))"
        + (try row.bool("is_grantable") ? " WITH GRANT OPTION" : "")
    }
  }
}
