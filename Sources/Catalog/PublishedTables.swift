import PipelineFiles
import PostgresClient

extension PostgresConnection {
  /// What stands under the name of a table that Roost publishes; nil where it publishes none.
  public func publishedTable(_ table: QualifiedName) throws -> PublishedTable? {
    let state = try query("SELECT to_regclass('roost.targets') IS NOT NULL AS is_there")
    guard try state.first?.bool("is_there") == true else { return nil }
    // A state that an older roost made has no environments yet.
    let known = try query(
      """
      SELECT pipeline, to_jsonb(t)->>'environment' AS environment, data_table, EXISTS (SELECT FROM roost.publications p
        WHERE p.target = t.target) AS is_published
      FROM roost.targets t WHERE target = $1
      """, [.text(table.description)])
    guard let row = known.first else { return nil }
    let parts = try row.string("data_table").split(separator: ".", maxSplits: 1).map(String.init)
    let data = QualifiedName(schema: parts.count > 1 ? parts.first : nil, name: parts.last ?? "")
    let isPublished = try row.bool("is_published")
    // Where somebody dropped the view, what it showed is not known: then it showed everything.
    let columns = try query(
      """
      SELECT attname, format_type(atttypid, atttypmod) AS type,
        $4 AND (shown.oid IS NULL OR EXISTS (SELECT FROM pg_attribute v
          WHERE v.attrelid = shown.oid AND v.attname = a.attname)) AS is_shown
      FROM pg_attribute a
      LEFT JOIN (SELECT c.oid FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname = $2 AND c.relname = $3) shown ON true
      WHERE attrelid = to_regclass($1) AND attnum > 0 AND NOT attisdropped
      ORDER BY attnum
      """,
      [
        .text(try data.sql), .text(table.schema ?? ""), .text(table.name), .bool(isPublished),
      ])
    let dependants = try query(
      """
      WITH shown AS (SELECT c.oid FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname = $1 AND c.relname = ANY($2))
      SELECT DISTINCT pg_describe_object(d.classid, d.objid, 0) AS name
      FROM (
        SELECT CASE WHEN r.oid IS NULL THEN d.classid ELSE 'pg_class'::regclass::oid END AS classid,
          coalesce(r.ev_class, d.objid) AS objid
        FROM pg_depend d
        LEFT JOIN pg_rewrite r ON d.classid = 'pg_rewrite'::regclass AND r.oid = d.objid
        LEFT JOIN pg_type t ON d.classid = 'pg_type'::regclass AND t.oid = d.objid
        WHERE d.refclassid = 'pg_class'::regclass AND d.deptype = 'n' AND t.oid IS NULL
          AND d.refobjid IN (SELECT oid FROM shown)) d
      WHERE NOT (d.classid = 'pg_class'::regclass AND d.objid IN (SELECT oid FROM shown))
      ORDER BY 1
      """,
      [
        .text(table.schema ?? ""), .texts([table.name, TargetTable.current(of: table).name]),
      ]
    ).map { try $0.string("name") }
    return PublishedTable(
      owner: PublishedTable.Owner(
        pipeline: try row.string("pipeline"),
        environment: try row.optionalString("environment")),
      data: data, isPublished: isPublished,
      columns: try columns.map {
        PublishedTable.Column(
          name: try $0.string("attname"), type: try $0.string("type"),
          isShown: try $0.bool("is_shown"))
      }, dependants: dependants)
  }
}
