import PostgresClient

/// What stands of everything that roost has published and of its own state, before somebody's SQL runs in
/// the transaction of a publication, so that nothing of it goes without a word.
struct StandingPublications: Sendable {
  private let oids: [String]
  private let names: [String]
  /// Tables of others into which runs bring rows: they may be made anew by the end, under their names.
  private let merged: [String]

  /// - Parameter run: the one that is being published, whose rows are brought in already.
  init(_ run: Int, _ database: isolated PostgresConnection) throws {
    let rows = try database.query(
      """
      SELECT c.oid::text AS oid, n.nspname || '.' || c.relname AS name
      FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      WHERE c.relkind IN ('r', 'p', 'v') AND (n.nspname = 'roost'
        OR n.nspname = 'roost_data' AND n.nspname || '.' || c.relname IN (\(Self.tables))
        OR c.relkind = 'v' AND n.nspname || '.' || c.relname IN (
          SELECT target || suffix.text FROM roost.publications, (VALUES (''), ('_current')) suffix(text)))
      """)
    oids = try rows.map { try $0.string("oid") }
    names = try rows.map { try $0.string("name") }
    merged = try database.query(
      """
      SELECT DISTINCT m.target FROM roost.merges m
      JOIN pg_catalog.pg_class c ON c.relkind IN ('r', 'p', 'f', 'v')
      JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      LEFT JOIN roost.runs r ON r.run_id = m.run_id
      WHERE n.nspname || '.' || c.relname = m.target
        -- A pipeline whose later run brought it no rows has given it up. The run itself may be forgotten.
        AND NOT EXISTS (SELECT FROM roost.runs l
          WHERE l.pipeline = m.pipeline AND l.environment = coalesce(r.environment, l.environment)
            AND l.run_id > m.run_id
            AND l.publishes AND (l.state = 'succeeded' OR l.run_id = $1)
            -- One of a few stages, or for a day whose rows are there already, gives up nothing.
            AND l.selection IS NULL AND l.as_of > m.as_of
            AND NOT EXISTS (SELECT FROM roost.merges x
              WHERE x.run_id = l.run_id AND x.target = m.target))
      """, [Parameter(run)]
    ).map { try $0.string("target") }
  }

  /// Tables with published rows.
  private static let tables =
    "SELECT rows_in FROM roost.publications UNION ALL SELECT data_table FROM roost.targets"

  /// The first that is gone or has another name by now; views before what holds their rows.
  func gone(_ database: isolated PostgresConnection) throws -> String? {
    let gone = try database.query(
      """
      SELECT w.name FROM unnest($1::text[]::oid[], $2::text[]) w(oid, name)
      WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_class c
        JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        WHERE c.oid = w.oid AND n.nspname || '.' || c.relname = w.name)
        -- What this session took away it holds locked; what others take away meanwhile is theirs.
        AND EXISTS (SELECT FROM pg_catalog.pg_locks l
          WHERE l.pid = pg_catalog.pg_backend_pid() AND l.locktype = 'relation'
            AND l.relation = w.oid AND l.mode = 'AccessExclusiveLock')
      ORDER BY w.name LIKE 'roost%', w.name LIKE 'roost\\_data.%', w.name
      """, [.texts(oids), .texts(names)]
    ).map { try $0.string("name") }
    guard let first = gone.first, first.hasPrefix("roost_data.") else { return gone.first }
    // Other runs forget publications, and then drop their tables, at any time.
    return try database.query(
      "SELECT name FROM unnest($1::text[]) name WHERE name IN (\(Self.tables)) LIMIT 1",
      [.texts(gone)]
    ).first?.string("name")
  }

  /// The first table of others that nothing stands for any more.
  func goneOfOthers(_ database: isolated PostgresConnection) throws -> String? {
    if merged.isEmpty { return nil }
    return try database.query(
      """
      SELECT w.name FROM unnest($1::text[]) w(name)
      WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_class c
        JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname || '.' || c.relname = w.name)
      ORDER BY w.name LIMIT 1
      """, [.texts(merged)]
    ).first?.string("name")
  }
}
