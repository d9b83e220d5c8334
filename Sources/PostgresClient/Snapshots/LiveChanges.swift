extension PostgresConnection {
  /// Makes sure, where no other session can look, that the catalog of the moment is that of the open
  /// transaction's snapshot, as far as functions show it that look into the former.
  /// - Parameter relations: that are locked.
  /// - Throws: `PostgresError` of kind `.changed`, with what did.
  func verifyCatalog(of relations: Set<Int>) throws(PostgresError) {
    let found = try query(
      """
      WITH seen AS (
        SELECT c.oid, c.relfilenode, c.relkind, format('%I.%I', n.nspname, c.relname) AS name,
          (pg_identify_object('pg_class'::regclass, c.oid, 0)).identity AS now
        FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        WHERE c.oid = ANY ($1::oid[]))
      SELECT name || coalesce(' became ' || now, ' was dropped') AS what
      FROM seen WHERE name IS DISTINCT FROM now
      UNION ALL
      SELECT name || ' was emptied, rewritten or replaced' FROM seen
      WHERE coalesce(pg_relation_filenode(oid), 0) <> relfilenode
      UNION ALL
      SELECT 'columns of ' || name || ' were changed' FROM seen
      WHERE relkind <> 'S' AND EXISTS (SELECT FROM pg_catalog.pg_attribute a
        WHERE a.attrelid = seen.oid AND a.attnum > 0 AND NOT a.attisdropped
          AND (pg_identify_object('pg_class'::regclass, seen.oid, a.attnum)).identity
            IS DISTINCT FROM now || '.' || quote_ident(a.attname))
      UNION ALL
      SELECT (pg_identify_object('pg_proc'::regclass, oid, 0)).identity || ' was replaced'
      FROM pg_catalog.pg_proc
      WHERE oid >= 16384 AND prokind IN ('f', 'p') AND prosrc <> ''
        AND strpos(pg_get_functiondef(oid), prosrc) = 0
      LIMIT 1
      """, [.texts(relations.sorted().map(String.init))])
    if let what = try found.first?.string("what") { throw .changed(what, location) }
  }
}
