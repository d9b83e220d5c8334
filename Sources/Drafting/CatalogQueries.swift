import PostgresClient

/// Reads what a draft needs to know from the system catalogues.
struct CatalogQueries: Sendable {
  /// Schemas to look at; all but the system's and Roost's own where it is empty.
  let schemas: [String]

  /// - Throws: `InitError` where there is nothing to look at; `PostgresError`.
  func read(from database: isolated PostgresConnection) throws -> SourceCatalog {
    let names = try database.query(Self.relations)
    let found = Set(try names.map { try $0.string("schema") })
    for schema in schemas where !found.contains(schema) {
      throw InitError.noSchema(schema, others: found.sorted(), location: database.location)
    }
    let wanted = schemas.isEmpty ? found : Set(schemas)
    let rows = try names.filter { wanted.contains(try $0.string("schema")) }
    var columns = try columns(of: rows, database)
    let keys = try keys(of: rows, database)
    let references = try references(of: rows, database)
    var tables: [(table: SourceTable, isView: Bool)] = []
    var forbidden: [String] = []
    for row in rows {
      let id = try row.string("id")
      let name = QualifiedName(schema: try row.string("schema"), name: try row.string("name"))
      let own = columns.removeValue(forKey: id) ?? []
      let kind = try row.string("kind")
      // What Roost publishes looks like this, and is no source.
      if kind == "v", own.contains(where: { $0.name == "as_of" }),
        own.contains(where: { $0.name == "run_id" })
      {
        continue
      }
      guard try row.bool("may_use"), own.contains(where: \.isAllowed) else {
        forbidden.append(name.description)
        continue
      }
      let table = SourceTable(
        name, columns: own, primaryKey: keys[id]?.primary ?? [],
        uniqueKeys: keys[id]?.others ?? [], foreignKeys: references[id] ?? [],
        rows: try row.optionalDouble("rows"), canSample: ["r", "m", "p"].contains(kind),
        bytes: try row.optionalInt("bytes") ?? 0)
      tables.append((table, ["v", "m"].contains(kind)))
    }
    // A view shows what stands in tables, as a rule: where these may be read, nothing counts twice.
    let onlyTables = tables.filter { !$0.isView }
    guard !tables.isEmpty else {
      throw InitError.noTables(
        schemas: schemas, forbidden: forbidden, location: database.location)
    }
    let zone = try database.query(
      "SELECT reset_val FROM pg_catalog.pg_settings WHERE name = 'TimeZone'")
    return SourceCatalog(
      tables: (onlyTables.isEmpty ? tables : onlyTables).map(\.table),
      timeZone: try zone.first?.optionalString("reset_val") ?? "UTC",
      otherSchemas: found.subtracting(wanted).sorted())
  }

  private func columns(
    of rows: [Row], _ database: isolated PostgresConnection
  ) throws -> [String: [SourceColumn]] {
    var columns: [String: [SourceColumn]] = [:]
    for row in try database.query(Self.columns, [.texts(try rows.map { try $0.string("id") })]) {
      let typeName = try row.string("type")
      columns[try row.string("id"), default: []].append(
        SourceColumn(
          try row.string("name"),
          try row.bool("is_enum") ? .text : Self.kind(of: try row.string("base")),
          typeName: typeName, isNotNull: try row.bool("is_not_null"),
          isAllowed: try row.bool("is_allowed"),
          distinctShare: try row.optionalDouble("distinct_share")))
    }
    return columns
  }

  private func keys(
    of rows: [Row], _ database: isolated PostgresConnection
  ) throws -> [String: (primary: [String], others: [[String]])] {
    var keys: [String: (primary: [String], others: [[String]])] = [:]
    for row in try database.query(Self.keys, [.texts(try rows.map { try $0.string("id") })]) {
      let columns = try row.string("columns").split(separator: "\n").map(String.init)
      if try row.bool("is_primary") {
        keys[try row.string("id"), default: ([], [])].primary = columns
      } else {
        keys[try row.string("id"), default: ([], [])].others.append(columns)
      }
    }
    return keys
  }

  private func references(
    of rows: [Row], _ database: isolated PostgresConnection
  ) throws -> [String: [SourceTable.ForeignKey]] {
    var references: [String: [SourceTable.ForeignKey]] = [:]
    for row in try database.query(
      Self.references, [.texts(try rows.map { try $0.string("id") })])
    {
      references[try row.string("id"), default: []].append(
        SourceTable.ForeignKey(
          try row.string("columns").split(separator: "\n").map(String.init),
          to: QualifiedName(
            schema: try row.string("target_schema"), name: try row.string("target")),
          try row.string("target_columns").split(separator: "\n").map(String.init)))
    }
    return references
  }

  /// What a base type's name is good for.
  private static func kind(of base: String) -> SourceColumn.Kind {
    switch base {
    case "int2", "int4", "int8": .integer
    case "numeric": .decimal
    case "float4", "float8": .float
    case "text", "varchar", "bpchar", "name": .text
    case "uuid": .uuid
    case "date": .date
    case "timestamp": .timestamp
    case "timestamptz": .timestamptz
    case "bool": .bool
    case "interval", "json", "jsonb": .other
    case "citext": .cast(to: "text")
    case "money": .cast(to: "numeric(19,2)")
    default: .unreadable
    }
  }
}

extension CatalogQueries {
  private static let relations = """
    SELECT c.oid::text AS id, n.nspname AS schema, c.relname AS name, c.relkind::text AS kind,
      CASE WHEN c.reltuples >= 0 THEN c.reltuples::float8 END AS rows,
      CASE WHEN c.relkind IN ('r', 'm', 'p') THEN (SELECT sum(pg_relation_size(t.relid))::int8
        FROM (SELECT c.oid AS relid UNION SELECT p.relid FROM pg_partition_tree(c.oid) p) t) END AS bytes,
      has_schema_privilege(n.oid, 'USAGE') AS may_use
    FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p', 'f', 'v', 'm') AND NOT c.relispartition
      AND n.nspname NOT IN ('information_schema', 'roost', 'roost_data')
      AND n.nspname !~ '^pg_' AND c.relpersistence <> 't'
      AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.classid = 'pg_class'::regclass
        AND d.objid = c.oid AND d.deptype = 'e')
    ORDER BY 2, 3
    """

  /// The base type of a domain is that of the domain it is made of, and so on.
  private static let columns = """
    WITH RECURSIVE base AS (
      SELECT t.oid AS type, t.oid AS base, t.typtype, t.typbasetype FROM pg_catalog.pg_type t
      UNION ALL
      SELECT b.type, t.oid, t.typtype, t.typbasetype
      FROM base b JOIN pg_catalog.pg_type t ON b.typtype = 'd' AND t.oid = b.typbasetype)
    SELECT a.attrelid::text AS id, a.attname AS name, t.typname AS base,
      t.typtype = 'e' AS is_enum, format_type(a.atttypid, a.atttypmod) AS type,
      a.attnotnull AS is_not_null,
      has_column_privilege(a.attrelid, a.attnum, 'SELECT') AS is_allowed,
      CASE WHEN s.n_distinct < 0 THEN -s.n_distinct::float8
        WHEN s.n_distinct > 0 AND c.reltuples > 0 THEN s.n_distinct::float8 / c.reltuples
      END AS distinct_share
    FROM pg_catalog.pg_attribute a
    JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    JOIN base b ON b.type = a.atttypid AND b.typtype <> 'd'
    JOIN pg_catalog.pg_type t ON t.oid = b.base
    LEFT JOIN pg_catalog.pg_stats s ON s.schemaname = n.nspname AND s.tablename = c.relname
      AND s.attname = a.attname AND NOT s.inherited
    WHERE a.attrelid = ANY($1::oid[]) AND a.attnum > 0 AND NOT a.attisdropped
    ORDER BY a.attrelid, a.attnum
    """

  /// Unique keys whose columns are never null. A name with a line break in it is no name we could use.
  private static let keys = """
    SELECT i.indrelid::text AS id, bool_or(i.indisprimary) AS is_primary,
      string_agg(a.attname, E'\\n' ORDER BY k.place) AS columns
    FROM pg_catalog.pg_index i
    CROSS JOIN LATERAL unnest(i.indkey::int2[]) WITH ORDINALITY k(number, place)
    JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.number
    WHERE i.indrelid = ANY($1::oid[]) AND i.indisunique AND i.indisvalid
      AND i.indpred IS NULL AND i.indexprs IS NULL AND k.place <= i.indnkeyatts
    GROUP BY i.indrelid, i.indexrelid
    HAVING bool_and(a.attnotnull)
    ORDER BY i.indrelid, count(*), i.indexrelid
    """

  private static let references = """
    SELECT c.conrelid::text AS id, n.nspname AS target_schema, r.relname AS target,
      (SELECT string_agg(a.attname, E'\\n' ORDER BY k.place)
        FROM unnest(c.conkey) WITH ORDINALITY k(number, place)
        JOIN pg_catalog.pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.number) AS columns,
      (SELECT string_agg(a.attname, E'\\n' ORDER BY k.place)
        FROM unnest(c.confkey) WITH ORDINALITY k(number, place)
        JOIN pg_catalog.pg_attribute a ON a.attrelid = c.confrelid AND a.attnum = k.number)
        AS target_columns
    FROM pg_catalog.pg_constraint c
    JOIN pg_catalog.pg_class r ON r.oid = c.confrelid
    JOIN pg_catalog.pg_namespace n ON n.oid = r.relnamespace
    WHERE c.contype = 'f' AND c.conrelid = ANY($1::oid[])
    ORDER BY c.conrelid, c.conname
    """
}
