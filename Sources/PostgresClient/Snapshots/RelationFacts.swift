/// What must be the same of a relation in a snapshot and at a later moment for the rows to be those of
/// the snapshot. The server reads with the catalog of the moment, whatever a snapshot sees: TRUNCATE, a
/// rewrite, an attached partition, another column of a name and a new definition count at once for all.
struct RelationFacts: Sendable, Hashable {
  let name: String
  let kind: String
  /// The number of the file that holds its rows.
  let file: Int
  /// Its parents, and its partitions or other children.
  var kin: String
  /// A digest of a view's definition.
  let definition: String?
  /// A digest of its columns, dropped ones and the values of those that no row holds included.
  let columns: String
  /// A digest of its row security.
  let security: String
  /// What Postgres takes for granted of all rows when it plans: valid constraints, unique indexes, the
  /// bounds of a partition. Some of it can be made true under the lock of a reader, whose snapshot may
  /// still have rows that break it.
  let proofs: String

  /// What has become different, in words.
  func change(to now: RelationFacts) -> String {
    if name != now.name { return "\(name) became \(now.name)" }
    if kin != now.kin { return "\(name) got or lost a partition" }
    if definition != now.definition { return "the definition of \(name) was replaced" }
    if columns != now.columns { return "columns of \(name) were changed" }
    if security != now.security { return "the row security of \(name) was changed" }
    if proofs != now.proofs { return "constraints or unique indexes of \(name) were changed" }
    return "\(name) was emptied or rewritten"
  }
}

extension PostgresConnection {
  /// What the catalog says of relations, as the open transaction or else the moment sees it.
  func facts(of relations: Set<Int>) throws(PostgresError) -> [Int: RelationFacts] {
    try RelationFacts.from(try query(RelationFacts.query(of: relations)))
  }
}

extension RelationFacts {
  static func query(of relations: Set<Int>) -> String {
    let oids = relations.sorted().map(String.init).joined(separator: ",")
    return """
      SELECT c.oid::int8 AS oid, format('%I.%I', n.nspname, c.relname) AS name,
        c.relkind::text AS kind, c.relfilenode::int8 AS file,
        concat_ws(' ', (SELECT string_agg(inhparent::text, ',' ORDER BY inhparent)
            FROM pg_catalog.pg_inherits WHERE inhrelid = c.oid), 'of',
          (SELECT string_agg(inhrelid::text, ',' ORDER BY inhrelid)
            FROM pg_catalog.pg_inherits WHERE inhparent = c.oid)) AS kin,
        CASE c.relkind WHEN 'v' THEN
          (SELECT md5(concat_ws(' ', c.relowner, c.reloptions::text,
              string_agg(ev_action::text, '' ORDER BY rulename)))
            FROM pg_catalog.pg_rewrite WHERE ev_class = c.oid) END AS definition,
        (SELECT coalesce(md5(string_agg(concat_ws(' ', attnum, quote_ident(attname), atttypid, atttypmod,
              attcollation, attnotnull, attisdropped, atthasmissing, attmissingval::text,
              attgenerated), ',' ORDER BY attnum)), '')
          FROM pg_catalog.pg_attribute WHERE attrelid = c.oid AND attnum > 0) AS columns,
        concat_ws(' ', c.relrowsecurity, c.relforcerowsecurity,
          (SELECT string_agg(concat(oid, ' ', xmin), ',' ORDER BY oid)
            FROM pg_catalog.pg_policy WHERE polrelid = c.oid)) AS security,
        concat_ws(' ', (SELECT string_agg(oid::text, ',' ORDER BY oid) FROM pg_catalog.pg_constraint
            WHERE conrelid = c.oid AND contype IN ('c', 'n') AND convalidated), 'and',
          -- One that is built anew beside itself stays the same.
          (SELECT md5(string_agg(DISTINCT concat_ws(' ', indkey, indpred::text, indexprs::text), ','))
            FROM pg_catalog.pg_index
            WHERE indrelid = c.oid AND indisunique AND indimmediate AND indisvalid),
          md5(c.relpartbound::text)) AS proofs
      FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      WHERE c.oid = ANY ('{\(oids)}'::oid[])
      """
  }

  static func from(_ rows: [Row]) throws(PostgresError) -> [Int: RelationFacts] {
    var facts: [Int: RelationFacts] = [:]
    for row in rows {
      facts[try row.int("oid")] = RelationFacts(
        name: try row.string("name"), kind: try row.string("kind"), file: try row.int("file"),
        kin: try row.string("kin"), definition: try row.optionalString("definition"),
        columns: try row.string("columns"), security: try row.string("security"),
        proofs: try row.string("proofs"))
    }
    return facts
  }
}
