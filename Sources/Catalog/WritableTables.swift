import Declarations
import PipelineFiles
import PostgresClient

extension PostgresConnection {
  /// A table that rows are written into; nil where there is none. Found in the catalog, so without any
  /// lock on it.
  public func writableTable(_ name: QualifiedName) throws(PostgresError) -> WritableTable? {
    let rows = try query(
      """
      SELECT c.oid::int8 AS oid, current_user::text AS role, CASE c.relkind WHEN 'v' THEN 'a view'
          WHEN 'm' THEN 'a materialized view' WHEN 'f' THEN 'a foreign table'
          WHEN 'S' THEN 'a sequence' WHEN 'i' THEN 'an index' WHEN 'I' THEN 'an index'
          WHEN 'c' THEN 'a type' END AS other_kind,
        row_security_active(c.oid) AS has_row_security,
        array_to_string(ARRAY(SELECT p FROM unnest('{SELECT,INSERT,UPDATE,DELETE}'::text[]) p
          WHERE has_schema_privilege(n.oid, 'USAGE') AND CASE p
            WHEN 'DELETE' THEN has_table_privilege(c.oid, p)
            ELSE has_any_column_privilege(c.oid, p) END), ',')
          AS privileges
      FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      WHERE n.nspname = $1 AND c.relname = $2
      """, [.text(name.schema ?? ""), .text(name.name)])
    guard let row = rows.first else { return nil }
    let oid = Parameter(try row.int("oid"))
    return WritableTable(
      otherKind: try row.optionalString("other_kind"), columns: try columns(of: oid),
      uniqueKeys: try uniqueKeys(of: oid, isImmediate: true),
      deferrableKeys: try uniqueKeys(of: oid, isImmediate: false),
      privileges: Set(try row.string("privileges").split(separator: ",").map(String.init)),
      role: try row.string("role"), hasRowSecurity: try row.bool("has_row_security"))
  }

  private func columns(of table: Parameter) throws(PostgresError) -> [WritableTable.Column] {
    var columns: [WritableTable.Column] = []
    for row in try query(
      """
      WITH RECURSIVE bases AS (
        SELECT a.attnum, a.atttypid AS type, a.atttypmod AS modifier, 0 AS depth, false AS has_conditions
        FROM pg_catalog.pg_attribute a WHERE a.attrelid = $1::oid AND a.attnum > 0
        UNION ALL
        SELECT b.attnum, t.typbasetype, CASE WHEN b.modifier = -1 THEN t.typtypmod ELSE b.modifier END,
          b.depth + 1, b.has_conditions OR t.typnotnull
            OR EXISTS (SELECT FROM pg_catalog.pg_constraint c WHERE c.contypid = t.oid)
        FROM bases b JOIN pg_catalog.pg_type t ON t.oid = b.type WHERE t.typtype = 'd')
      SELECT attname, format_type(atttypid, atttypmod) AS type,
        CASE WHEN b.depth > 0 THEN format_type(b.type, b.modifier) END AS base, b.has_conditions,
        to_jsonb(ARRAY(SELECT e.enumlabel::text FROM pg_catalog.pg_enum e
          WHERE e.enumtypid = b.type ORDER BY e.enumsortorder)) AS labels,
        attnotnull AND NOT atthasdef AND attidentity = '' AS needs_value,
        attgenerated <> '' OR attidentity = 'a' AS is_generated
      FROM pg_catalog.pg_attribute a
      JOIN bases b ON b.attnum = a.attnum
        AND b.depth = (SELECT max(d.depth) FROM bases d WHERE d.attnum = a.attnum)
      WHERE attrelid = $1::oid AND a.attnum > 0 AND NOT attisdropped ORDER BY a.attnum
      """, [table])
    {
      columns.append(
        WritableTable.Column(
          name: try row.string("attname"), type: try row.string("type"),
          base: try row.optionalString("base"), hasConditions: try row.bool("has_conditions"),
          labels: JSONValue(parsing: try row.string("labels"))?.texts ?? [],
          needsValue: try row.bool("needs_value"), isGenerated: try row.bool("is_generated")))
    }
    return columns
  }

  /// Indexes over all rows, of plain columns. Those that are checked at once are what ON CONFLICT can use.
  private func uniqueKeys(
    of table: Parameter, isImmediate: Bool
  ) throws(PostgresError) -> [Set<String>] {
    var keys: [Int: Set<String>] = [:]
    for row in try query(
      """
      SELECT i.indexrelid::int8 AS index, a.attname
      FROM pg_catalog.pg_index i
      CROSS JOIN unnest((i.indkey::int2[])[0:i.indnkeyatts - 1]) AS place
      JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = place
      WHERE i.indrelid = $1::oid AND i.indisunique AND i.indisvalid AND i.indimmediate = $2
        AND i.indpred IS NULL AND i.indexprs IS NULL
      """, [table, .bool(isImmediate)])
    { keys[try row.int("index"), default: []].insert(try row.string("attname")) }
    return Array(keys.values)
  }
}
