import Diagnostics
import Frames
import PostgresClient

/// Compares a table that a stage makes with what stands there, or asks whether it may be made.
struct CreatedTableCheck: Sendable {
  let table: CreatedTable
  let standing: StandingTable?
  let role: CheckingRole

  func diagnostics(on connection: PostgresConnection) async throws -> [Diagnostic] {
    guard let standing else { return try await missingPrivilege(connection).map { [$0] } ?? [] }
    guard standing.isTable else {
      return [
        Diagnostic(
          .targetConflict, "\(table.name) stands there and is no table", at: table.span,
          help: "give it another name, or drop what is there")
      ]
    }
    return try table.fields.compactMap { field in
      let place = table.places[field.name] ?? table.span
      let sql = "ALTER TABLE \(try table.name.sql)"
      let column = try SQL.identifier(field.name)
      let type = field.type.sqlName
      switch standing.columns[field.name] {
      case type: return nil
      case nil:
        return Diagnostic(
          .targetConflict, "\(table.name) stands there and has no column '\(field.name)'",
          at: place, help: "\(sql) ADD COLUMN \(column) \(type), or write what it has")
      case let found?:
        return Diagnostic(
          .targetConflict,
          "\(table.name) stands there, and its column '\(field.name)' is of type \(found), not \(type)",
          at: place, help: "write \(found) here, or \(sql) ALTER COLUMN \(column) TYPE \(type)")
      }
    }
  }

  private func missingPrivilege(_ connection: PostgresConnection) async throws -> Diagnostic? {
    let schema = table.name.schema ?? ""
    let rows = try await connection.query(
      """
      SELECT n.oid IS NOT NULL AS has_schema, CASE WHEN n.oid IS NULL
        THEN has_database_privilege(current_database(), 'CREATE')
        ELSE has_schema_privilege(n.oid, 'CREATE') END AS may_create
      FROM (SELECT) one LEFT JOIN pg_catalog.pg_namespace n ON n.nspname = $1
      """, [.text(schema)])
    guard let row = rows.first, try !row.bool("may_create") else { return nil }
    let place =
      try row.bool("has_schema")
      ? "SCHEMA \(try SQL.identifier(schema))" : "DATABASE \(try SQL.identifier(role.database))"
    return Diagnostic(
      .missingPrivilege, .warning,
      "the role '\(role.name)' cannot make \(table.name): it lacks CREATE on \(place)",
      at: table.span, help: "GRANT CREATE ON \(place) TO \(try SQL.identifier(role.name))")
  }
}
