import PipelineFiles
import PostgresClient

extension PostgresConnection {
  /// The first of some ways to change rows that row security forbids the role for every row: no policy
  /// allows it. Nil where there is none, or no row security for the role.
  /// - Parameters:
  ///   - table: its OID.
  ///   - ways: of `INSERT`, `UPDATE` and `DELETE`.
  public func forbiddenChange(of table: Int, _ ways: [String]) throws(PostgresError) -> String? {
    try query(
      """
      SELECT w.way FROM unnest($2::text[]) WITH ORDINALITY w(way, place)
      WHERE row_security_active($1::oid) AND NOT EXISTS (
        SELECT FROM pg_catalog.pg_policy p WHERE p.polrelid = $1::oid AND p.polpermissive
          AND p.polcmd IN ('*', CASE w.way WHEN 'INSERT' THEN 'a' WHEN 'UPDATE' THEN 'w' ELSE 'd' END)
          AND EXISTS (SELECT FROM unnest(p.polroles) r(role)
            WHERE r.role = 0 OR pg_has_role(r.role, 'USAGE')))
      ORDER BY w.place LIMIT 1
      """, [Parameter(table), .texts(ways)]
    ).first?.string("way")
  }
}
