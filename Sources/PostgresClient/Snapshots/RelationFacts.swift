/// What must be the same of a relation in a snapshot and at a later moment for the rows to be those of
/// the snapshot: TRUNCATE, a rewrite, an attached partition and a new definition are seen at once by
/// all, whatever their snapshots.
struct RelationFacts: Sendable, Hashable {
  let name: String
  let kind: String
  /// The number of the file that holds its rows.
  let file: Int
  /// Its parents, and its partitions or other children.
  let kin: String
  /// A digest of a view's definition.
  let definition: String?
}

extension PostgresConnection {
  /// What the catalog says of relations, as the open transaction or else the moment sees it.
  func facts(of relations: Set<Int>) throws(PostgresError) -> [Int: RelationFacts] {
    let rows = try query(
      """
      SELECT c.oid::int8 AS oid, format('%I.%I', n.nspname, c.relname) AS name,
        c.relkind::text AS kind, c.relfilenode::int8 AS file,
        concat_ws(' ', (SELECT string_agg(inhparent::text, ',' ORDER BY inhparent)
            FROM pg_catalog.pg_inherits WHERE inhrelid = c.oid), 'of',
          (SELECT string_agg(inhrelid::text, ',' ORDER BY inhrelid)
            FROM pg_catalog.pg_inherits WHERE inhparent = c.oid)) AS kin,
        CASE c.relkind WHEN 'v' THEN (SELECT md5(string_agg(ev_action::text, '' ORDER BY rulename))
          FROM pg_catalog.pg_rewrite WHERE ev_class = c.oid) END AS definition
      FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      WHERE c.oid = ANY ($1::oid[])
      """, [.texts(relations.sorted().map(String.init))])
    var facts: [Int: RelationFacts] = [:]
    for row in rows {
      facts[try row.int("oid")] = RelationFacts(
        name: try row.string("name"), kind: try row.string("kind"), file: try row.int("file"),
        kin: try row.string("kin"), definition: try row.optionalString("definition"))
    }
    return facts
  }
}
