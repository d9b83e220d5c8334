import PipelineFiles
import PostgresClient

/// What stands under a name, and what the role that asks may do with it. Found in the catalog, without any
/// lock.
struct UtilityFacts: Sendable {
  /// Nil where nothing stands there.
  struct Relation: Sendable {
    let oid: Int
    /// What Postgres calls its kind: `table`, `view`.
    let kind: String
    let isOwn: Bool
    let mayTruncate: Bool
  }

  let relation: Relation?
  /// The schema in which it stands or would; nil where that is not there.
  let schema: String?
  let ownsSchema: Bool
  let mayCreate: Bool
  /// Whether the role may make schemas, and where.
  let mayCreateSchemas: Bool
  let database: String

  /// - Parameters:
  ///   - isSchema: whether the name is that of a schema.
  ///   - isMade: whether the name is that of something to be made.
  static func read(
    _ name: QualifiedName, isSchema: Bool = false, isMade: Bool = false,
    _ connection: PostgresConnection
  ) async throws -> UtilityFacts {
    // A name without a schema is looked for as the session would; what is made, is made in its first one.
    let rows = try await connection.query(
      """
      SELECT c.oid::int8 AS oid, pg_has_role(c.relowner, 'USAGE') AS is_own,
        CASE WHEN c.relkind IN ('r', 'p', 'f') THEN has_table_privilege(c.oid, 'TRUNCATE') ELSE false END AS may_truncate,
        CASE c.relkind WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view'
          WHEN 'S' THEN 'sequence' WHEN 'f' THEN 'foreign table' WHEN 'c' THEN 'type'
          WHEN 'i' THEN 'index' WHEN 'I' THEN 'index' ELSE 'table' END AS kind,
        n.nspname AS schema, coalesce(pg_has_role(n.nspowner, 'USAGE'), false) AS owns_schema,
        coalesce(has_schema_privilege(n.oid, 'CREATE'), false) AS may_create,
        has_database_privilege(current_database(), 'CREATE') AS may_create_schemas,
        current_database()::text AS database
      FROM (SELECT) one
      LEFT JOIN pg_catalog.pg_class found ON found.oid = (
        SELECT k.oid FROM pg_catalog.pg_class k
        WHERE NOT $3 AND NOT $4 AND $1 = '' AND k.relname = $2 AND pg_catalog.pg_table_is_visible(k.oid) LIMIT 1)
      LEFT JOIN pg_catalog.pg_namespace n ON n.nspname = CASE WHEN $3 THEN $2 WHEN $1 <> '' THEN $1
        ELSE coalesce((SELECT s.nspname FROM pg_catalog.pg_namespace s
          WHERE s.oid = found.relnamespace), current_schema()) END
      LEFT JOIN pg_catalog.pg_class c
        ON NOT $3 AND c.relnamespace = n.oid AND c.relname = $2
      """, [.text(name.schema ?? ""), .text(name.name), .bool(isSchema), .bool(isMade)])
    guard let row = rows.first else {
      throw PostgresError(.statement, "the catalog does not answer")
    }
    return UtilityFacts(
      relation: try row.optionalInt("oid").map { oid in
        Relation(
          oid: oid, kind: try row.string("kind"), isOwn: try row.bool("is_own"),
          mayTruncate: try row.bool("may_truncate"))
      },
      schema: try row.optionalString("schema"), ownsSchema: try row.bool("owns_schema"),
      mayCreate: try row.bool("may_create"),
      mayCreateSchemas: try row.bool("may_create_schemas"), database: try row.string("database"))
  }

  /// Something that hangs on some relations and would have to go with them, as Postgres calls it.
  static func dependant(
    of relations: [Int], _ connection: PostgresConnection
  ) async throws -> String? {
    try await connection.query(
      """
      WITH RECURSIVE gone(oid) AS (
          SELECT unnest($1::text[])::oid
          -- Partitions go with what they are parts of.
          UNION SELECT i.inhrelid FROM gone JOIN pg_catalog.pg_inherits i ON i.inhparent = gone.oid
          JOIN pg_catalog.pg_class k ON k.oid = i.inhrelid AND k.relispartition),
        -- What belongs to a relation hangs on it by itself.
        owned AS (
          SELECT 'pg_rewrite'::regclass AS classid, r.oid AS objid FROM pg_catalog.pg_rewrite r
          JOIN gone ON gone.oid = r.ev_class
          UNION ALL SELECT 'pg_constraint'::regclass, r.oid FROM pg_catalog.pg_constraint r
          JOIN gone ON gone.oid = r.conrelid
          UNION ALL SELECT 'pg_attrdef'::regclass, r.oid FROM pg_catalog.pg_attrdef r
          JOIN gone ON gone.oid = r.adrelid
          UNION ALL SELECT 'pg_trigger'::regclass, r.oid FROM pg_catalog.pg_trigger r
          JOIN gone ON gone.oid = r.tgrelid
          UNION ALL SELECT 'pg_policy'::regclass, r.oid FROM pg_catalog.pg_policy r
          JOIN gone ON gone.oid = r.polrelid
          UNION ALL SELECT 'pg_class'::regclass, gone.oid FROM gone)
      SELECT CASE WHEN d.classid = 'pg_rewrite'::regclass
        THEN (SELECT pg_describe_object('pg_class'::regclass, r.ev_class, 0)
          FROM pg_catalog.pg_rewrite r WHERE r.oid = d.objid)
        ELSE pg_describe_object(d.classid, d.objid, d.objsubid) END AS dependant
      FROM pg_catalog.pg_depend d JOIN gone ON d.refclassid = 'pg_class'::regclass AND d.refobjid = gone.oid
        OR d.refclassid = 'pg_type'::regclass
          AND d.refobjid = (SELECT c.reltype FROM pg_catalog.pg_class c WHERE c.oid = gone.oid)
      WHERE d.deptype = 'n' AND NOT EXISTS (
        SELECT FROM owned WHERE owned.classid = d.classid AND owned.objid = d.objid)
      ORDER BY 1 LIMIT 1
      """, [.texts(relations.map(String.init))]
    ).first?.string("dependant")
  }

  /// Whether a relation has a column.
  static func hasColumn(
    _ column: String, _ relation: Int, _ connection: PostgresConnection
  ) async throws -> Bool {
    try await !connection.query(
      """
      SELECT FROM pg_catalog.pg_attribute
      WHERE attrelid = $1::text::oid AND attname = $2 AND attnum > 0 AND NOT attisdropped
      """, [.text(String(relation)), .text(column)]
    ).isEmpty
  }

  /// A foreign key by which a table refers to one of some that are truncated, and is not truncated itself.
  static func reference(
    to tables: [Int], _ connection: PostgresConnection
  ) async throws -> (table: String, constraint: String, target: String)? {
    try await connection.query(
      """
      WITH RECURSIVE t(oid) AS (
        SELECT unnest($1::text[])::oid
        UNION SELECT i.inhrelid FROM t JOIN pg_catalog.pg_inherits i ON i.inhparent = t.oid)
      SELECT conrelid::regclass::text AS referring, confrelid::regclass::text AS target, conname
      FROM pg_catalog.pg_constraint
      WHERE contype = 'f' AND confrelid IN (SELECT oid FROM t) AND conrelid NOT IN (SELECT oid FROM t)
      ORDER BY conparentid <> 0, conname LIMIT 1
      """, [.texts(tables.map(String.init))]
    ).first.map {
      (
        try $0.string("referring"), try $0.string("conname"), try $0.string("target")
      )
    }
  }
}
