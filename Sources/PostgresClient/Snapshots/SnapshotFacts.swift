import Frames

/// What a server says of itself and of the snapshot that a transaction sees.
struct SnapshotFacts: Sendable, Hashable {
  /// The server's clock.
  let clock: Instant
  /// Tells servers and databases apart, whatever the name that led there.
  let server: String
  /// The same for all who see this snapshot as this role, with the same search path and the same settings
  /// of the role and the database.
  let view: String
  let processIdentifier: Int
  /// The transaction's number among those of its session.
  let transaction: String
  let standby: Standby?

  /// How far a standby is.
  struct Standby: Sendable, Hashable {
    /// When the last transaction that it has replayed was committed; nil where it has replayed none
    /// since it started.
    let replayed: Instant?
    /// Whether it has replayed all that its primary has sent, and still listens to it.
    let isCaughtUp: Bool
  }
}

extension PostgresConnection {
  /// What stands in the open transaction, found by its first query, which decides what it sees.
  /// - Parameter exporting: whether its snapshot is shared too.
  func snapshotFacts(
    exporting: Bool = false
  ) throws(PostgresError) -> (facts: SnapshotFacts, exported: SnapshotID?) {
    // A pooler may lend a server session on which somebody else has left a temporary table, which must not
    // be what a name means.
    let row = try query(
      """
      SELECT set_config('search_path', concat_ws(', ', nullif(current_setting('search_path'), ''),
          'pg_temp'), true) AS path,
        now() AS clock, \(exporting ? "pg_export_snapshot()" : "NULL") AS exported,
        extract(epoch FROM pg_postmaster_start_time()) || ' ' || (SELECT oid FROM pg_catalog.pg_database
          WHERE datname = current_database()) AS server,
        concat_ws(' ', txid_current_snapshot(), current_user) AS view,
        pg_backend_pid() AS process,
        coalesce((SELECT virtualtransaction FROM pg_catalog.pg_locks
          WHERE pid = pg_backend_pid() AND locktype = 'virtualxid' LIMIT 1), '') AS transaction,
        pg_is_in_recovery() AS is_standby
      """
    ).first
    guard let row else {
      throw PostgresError(.statement, "the server does not tell the time", location: location)
    }
    let standby = try row.bool("is_standby") ? try standbyFacts() : nil
    // As a rule all of them are told.
    var told: [Row?] = []
    if let all = try ask(Self.settings) {
      told = all
    } else {
      for query in Self.settings { told.append(try ask(query)) }
    }
    let settings = try told.map { row throws(PostgresError) in try row?.optionalString(0) ?? "" }
    let facts = SnapshotFacts(
      clock: try row.instant("clock"), server: try row.string("server"),
      view: ([try row.string("view")] + settings).joined(separator: " "),
      processIdentifier: try row.int("process"),
      transaction: try row.string("transaction"), standby: standby)
    return (facts, try row.optionalString("exported").map { SnapshotID($0) })
  }

  /// What decides what the session reads. Schemas of temporary tables come last and make no difference.
  private static let settings = [
    """
    SELECT array(SELECT name FROM unnest(current_schemas(true)) name
      WHERE NOT name LIKE 'pg\\_temp\\_%')::text
    """,
    // As it was when the session began. Some may be read by nobody but a superuser.
    """
    SELECT md5(string_agg(concat(name, '=', CASE WHEN name LIKE '%.%' THEN current_setting(name, true)
        ELSE (SELECT setting FROM pg_catalog.pg_settings s WHERE s.name = names.name) END), ','
        ORDER BY name))
    FROM (SELECT DISTINCT split_part(unnest(setconfig), '=', 1) AS name
      FROM \(CatalogFacts.settings)) names
    """,
  ]

  /// The first rows of some queries, in one round trip: what some servers do not tell in the open
  /// transaction is not known.
  /// - Returns: nil where one of them is refused.
  private func ask(_ queries: [String]) throws(PostgresError) -> [Row?]? {
    let script = (["SAVEPOINT reader"] + queries).joined(separator: ";\n")
    do throws(PostgresError) {
      let rows = try self.queries(script: script + ";\nROLLBACK TO SAVEPOINT reader")
      return rows.dropFirst().dropLast().map(\.first)
    } catch {
      if error.kind != .statement { throw error }
      try endUse()
      return nil
    }
  }

  private func ask(_ query: String) throws(PostgresError) -> Row? {
    try ask([query])?.first ?? nil
  }

  /// How far a standby is, in the open transaction.
  private func standbyFacts() throws(PostgresError) -> SnapshotFacts.Standby {
    let replayed = try ask("SELECT pg_last_xact_replay_timestamp()")?.optionalInstant(0)
    let isCaughtUp = try ask(
      """
      SELECT pg_last_wal_receive_lsn() IS NOT DISTINCT FROM pg_last_wal_replay_lsn()
        AND EXISTS (SELECT FROM pg_catalog.pg_stat_wal_receiver WHERE pid IS NOT NULL)
      """)?.bool(0)
    return SnapshotFacts.Standby(replayed: replayed, isCaughtUp: isCaughtUp ?? false)
  }

  /// Which server and database this is.
  func server() throws(PostgresError) -> String? {
    try query(
      """
      SELECT extract(epoch FROM pg_postmaster_start_time()) || ' ' || oid FROM pg_catalog.pg_database
      WHERE datname = current_database()
      """
    ).first?.string(0)
  }
}
