import Diagnostics
import Frames
import PipelineFiles
import PostgresClient

/// Asks the state's database whether the role may make and change what a pipeline publishes, and let
/// others read it. Postgres says what a role may do, so nothing is tried.
struct PublishingCheck: Sendable {
  private let targets: [PlannedTable]
  /// The role that may read what is published.
  private let reader: RoleName?

  init(_ tables: [PlannedTable], reader: RoleName?) {
    // What is written into a table that stands, nobody is granted.
    targets = tables.filter { table in
      if case .published(let target) = table.content { target.mode.isRoosts } else { true }
    }
    self.reader = reader
  }

  func diagnostics(on connection: PostgresConnection) async throws -> [Diagnostic] {
    guard !targets.isEmpty else { return [] }
    let rows = try await connection.query(
      """
      SELECT current_user::text AS role, current_database()::text AS database,
        has_database_privilege(current_database(), 'CREATE') AS may_make_schemas,
        n.oid IS NOT NULL AS has_schema,
        has_schema_privilege(n.oid, 'USAGE') AS may_use,
        has_schema_privilege(n.oid, 'CREATE') AS may_create,
        pg_get_userbyid(n.nspowner)::text AS schema_owner,
        has_schema_privilege(n.oid, 'USAGE WITH GRANT OPTION') AS may_let_use,
        has_schema_privilege(r.rolname, n.oid, 'USAGE') AS reader_uses,
        CASE WHEN NOT pg_has_role(h.relowner, 'USAGE')
          THEN pg_get_userbyid(h.relowner)::text END AS other_owner,
        to_json(ARRAY(SELECT a.attname FROM pg_catalog.pg_attribute a WHERE a.attrelid = h.oid
          AND a.attnum > 0 AND NOT a.attisdropped))::text AS columns,
        h.oid IS NOT NULL AS has_view, has_table_privilege(r.rolname, h.oid, 'SELECT') AS reader_reads,
        has_table_privilege(h.oid, 'SELECT WITH GRANT OPTION') AS may_let_read
      FROM unnest($1::text[], $2::text[]) WITH ORDINALITY w(schema, name, place)
      LEFT JOIN pg_catalog.pg_namespace n ON n.nspname = w.schema
      LEFT JOIN pg_catalog.pg_class h ON h.relnamespace = n.oid AND h.relname = w.name
      LEFT JOIN pg_catalog.pg_roles r ON r.rolname = $3
      ORDER BY w.place
      """,
      [
        .texts(targets.map { $0.name.schema ?? "" }), .texts(targets.map(\.name.name)),
        Parameter(reader?.text),
      ])
    let published = zip(targets, rows).map { ($0, $1, $0.isPublished) }
    var diagnostics: [Diagnostic] = []
    for (target, row, isPublished) in published {
      // A table of SQL that stands is left as it is.
      if try !isPublished && row.bool("has_view") { continue }
      if let found = try problem(of: target, row) { diagnostics.append(found) }
      if let found = try problemOfView(target, row) { diagnostics.append(found) }
      if let found = try problemOfReader(of: target, row) { diagnostics.append(found) }
    }
    return try await diagnostics + foreignRows(connection)
  }

  private func problem(of target: PlannedTable, _ row: Row) throws -> Diagnostic? {
    let role = try row.string("role")
    let lacked: String
    if try row.bool("has_schema") {
      let privileges =
        try (row.bool("may_use") ? [] : ["USAGE"])
        + (row.bool("may_create") || row.bool("has_view") ? [] : ["CREATE"])
      if privileges.isEmpty { return nil }
      lacked =
        "\(privileges.joined(separator: ", ")) ON SCHEMA \(try SQL.identifier(target.name.schema ?? ""))"
    } else {
      if try row.bool("may_make_schemas") { return nil }
      lacked = "CREATE ON DATABASE \(try SQL.identifier(row.string("database")))"
    }
    return Diagnostic(
      .missingPrivilege,
      "the role '\(role)' cannot \(target.isPublished ? "publish" : "make") \(target.name): it lacks \(lacked)",
      at: target.place,
      help: "GRANT \(lacked) TO \(try SQL.identifier(role))")
  }

  /// A view that gets a column is made anew, which only its owner may do.
  private func problemOfView(_ target: PlannedTable, _ row: Row) throws -> Diagnostic? {
    guard case .published(let table) = target.content,
      let owner = try row.optionalString("other_owner"),
      let columns = JSONValue(parsing: try row.string("columns"))?.texts,
      Set(table.publishedFields.map(\.name)) != Set(columns)
    else { return nil }
    let role = try row.string("role")
    return Diagnostic(
      .missingPrivilege,
      "the role '\(role)' cannot give \(target.name) other columns: the view belongs to the role '\(owner)'",
      at: target.place,
      help: "GRANT \(try SQL.identifier(owner)) TO \(try SQL.identifier(role))")
  }

  /// A grant that nobody may give changes nothing, and Postgres says so in a warning only.
  private func problemOfReader(of target: PlannedTable, _ row: Row) throws -> Diagnostic? {
    guard let reader, try row.optionalBool("reader_uses") != nil || !row.bool("has_schema") else {
      return nil
    }
    let role = try row.string("role")
    func denied(_ what: String, _ thing: String) throws -> Diagnostic {
      Diagnostic(
        .missingPrivilege,
        "the role '\(role)' cannot let '\(reader.text)' read \(target.name): it may not grant \(what) on \(thing)",
        at: target.place,
        help: "GRANT \(what) ON \(thing) TO \(try SQL.identifier(reader.text))")
    }
    if try row.bool("has_schema"), try row.optionalBool("reader_uses") == false,
      try !row.bool("may_let_use")
    {
      return try denied("USAGE", "SCHEMA \(try SQL.identifier(target.name.schema ?? ""))")
    }
    if try row.bool("has_view"), try row.optionalBool("reader_reads") == false,
      try row.optionalBool("may_let_read") == false
    {
      return try denied("SELECT", try target.name.sql)
    }
    return nil
  }

  /// The rows of a table are partitions of one that only its owner may change.
  private func foreignRows(_ connection: PostgresConnection) async throws -> [Diagnostic] {
    let known = try await connection.query(
      "SELECT to_regclass('roost.targets') IS NOT NULL AS known")
    guard try known.first?.bool("known") == true else { return [] }
    let rows = try await connection.query(
      """
      SELECT t.target, current_user::text AS role, pg_get_userbyid(c.relowner)::text AS owner
      FROM roost.targets t JOIN pg_catalog.pg_class c
        ON c.relnamespace = to_regnamespace('roost_data') AND 'roost_data.' || c.relname = t.data_table
      WHERE t.target = ANY($1) AND NOT pg_has_role(c.relowner, 'USAGE')
      """, [.texts(targets.map(\.name.description))])
    return try rows.map { row in
      let (name, role) = (try row.string("target"), try row.string("role"))
      let owner = try row.string("owner")
      return Diagnostic(
        .missingPrivilege,
        "the role '\(role)' cannot publish \(name): its rows belong to the role '\(owner)'",
        at: targets.first { $0.name.description == name }?.place,
        help: "GRANT \(try SQL.identifier(owner)) TO \(try SQL.identifier(role))")
    }
  }
}

extension PlannedTable {
  fileprivate var isPublished: Bool {
    if case .published = content { true } else { false }
  }
}
