import Frames

/// What a server says of itself and of the snapshot that a transaction sees.
struct SnapshotFacts: Sendable, Hashable {
  /// The server's clock.
  let clock: Instant
  /// Tells servers and databases apart, whatever the name that led there.
  let server: String
  /// The same for all who see this snapshot as this role, with the same search path.
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
    let row = try query(
      """
      SELECT now() AS clock, \(exporting ? "pg_export_snapshot()" : "NULL") AS exported,
        extract(epoch FROM pg_postmaster_start_time()) || ' ' || (SELECT oid FROM pg_catalog.pg_database
          WHERE datname = current_database()) AS server,
        concat_ws(' ', txid_current_snapshot(), current_user, current_schemas(true)) AS view,
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
    let facts = SnapshotFacts(
      clock: try row.instant("clock"), server: try row.string("server"),
      view: try row.string("view"), processIdentifier: try row.int("process"),
      transaction: try row.string("transaction"), standby: standby)
    return (facts, try row.optionalString("exported").map { SnapshotID($0) })
  }

  /// How far a standby is, in the open transaction. What some servers do not tell is not known.
  private func standbyFacts() throws(PostgresError) -> SnapshotFacts.Standby {
    func ask(_ query: String) throws(PostgresError) -> Row? {
      try beginUse()
      let row: Row?
      do throws(PostgresError) {
        row = try self.query(query).first
      } catch {
        if error.kind != .statement { throw error }
        row = nil
      }
      try endUse()
      return row
    }
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
