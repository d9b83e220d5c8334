import Frames
import PipelineFiles
import PostgresClient

/// A table or view as it stands in a database. Found in the catalog, so without any lock on it.
struct StandingTable: Sendable {
  let name: QualifiedName
  let oid: Int
  /// Whether rows are kept in it, rather than shown by it.
  let isTable: Bool
  /// The types of its columns by name, as Postgres writes them.
  let columns: [String: String]

  /// Whether it has every column, each with its type.
  func has(_ fields: [Field]) -> Bool { fields.allSatisfy { columns[$0.name] == $0.type.sqlName } }

  /// Those of some tables that are there, by the name that was asked for. A name without a schema is
  /// looked for as the session would.
  static func read(
    _ names: [QualifiedName], _ connection: PostgresConnection
  ) async throws -> [QualifiedName: StandingTable] {
    guard !names.isEmpty else { return [:] }
    let rows = try await connection.query(
      """
      SELECT w.place::int4 AS place, c.oid::int8 AS oid, n.nspname, c.relkind IN ('r', 'p', 'f') AS is_table,
        a.attname, format_type(a.atttypid, a.atttypmod) AS type
      FROM unnest($1::text[], $2::text[]) WITH ORDINALITY w(schema, name, place)
      JOIN pg_catalog.pg_class c ON c.relname = w.name
      JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      LEFT JOIN pg_catalog.pg_attribute a
        ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
      WHERE c.relkind IN ('r', 'p', 'f', 'v', 'm')
        AND CASE WHEN w.schema = '' THEN pg_catalog.pg_table_is_visible(c.oid)
          ELSE n.nspname = w.schema END
      ORDER BY w.place, a.attnum
      """, [.texts(names.map { $0.schema ?? "" }), .texts(names.map(\.name))])
    var tables: [QualifiedName: StandingTable] = [:]
    for row in rows {
      let asked = names[try row.int("place") - 1]
      var columns = tables[asked]?.columns ?? [:]
      if let column = try row.optionalString("attname") {
        columns[column] = try row.string("type")
      }
      tables[asked] = StandingTable(
        name: QualifiedName(schema: try row.string("nspname"), name: asked.name),
        oid: try row.int("oid"), isTable: try row.bool("is_table"), columns: columns)
    }
    return tables
  }
}
