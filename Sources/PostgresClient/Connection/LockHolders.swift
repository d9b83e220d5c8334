/// What somebody waits for at a relation, by the name of Postgres's lock mode.
public enum NeededLock: Sendable {
  /// To read.
  case accessShare
  /// To write rows.
  case rowExclusive
  /// Rows that another transaction is changing.
  case rows
  /// To attach a partition.
  case shareUpdateExclusive
  /// To be the only one who writes.
  case shareRowExclusive
  /// To change the relation itself.
  case accessExclusive

  /// The modes of others that are in the way, as `pg_locks` calls them.
  fileprivate var conflicts: [String] {
    let modes: [String]
    switch self {
    case .accessShare: modes = ["AccessExclusive"]
    case .rowExclusive: modes = ["Share", "ShareRowExclusive", "Exclusive", "AccessExclusive"]
    case .rows:
      modes = [
        "RowShare", "RowExclusive", "Share", "ShareRowExclusive", "Exclusive", "AccessExclusive",
      ]
    case .shareUpdateExclusive:
      modes = [
        "ShareUpdateExclusive", "Share", "ShareRowExclusive", "Exclusive", "AccessExclusive",
      ]
    case .shareRowExclusive:
      modes = [
        "RowExclusive", "ShareUpdateExclusive", "Share", "ShareRowExclusive", "Exclusive",
        "AccessExclusive",
      ]
    case .accessExclusive:
      modes = [
        "AccessShare", "RowShare", "RowExclusive", "ShareUpdateExclusive", "Share",
        "ShareRowExclusive", "Exclusive", "AccessExclusive",
      ]
    }
    return modes.map { $0 + "Lock" }
  }
}

/// Who has locks that others wait for, as people are told of it: never what they ask.
enum LockHolders {
  static let database =
    "(SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())"

  /// How a session is called: by its role and program, as far as an ordinary role may know.
  /// - Parameters:
  ///   - process: its number; null or 0 for a prepared transaction, which has no session any more.
  ///   - activity: its row of `pg_stat_activity`.
  static func session(_ process: String, _ activity: String) -> String {
    """
    CASE WHEN coalesce(\(process), 0) = 0 THEN 'a prepared transaction'
      ELSE 'session ' || \(process) || coalesce(' of role ' || \(activity).usename, '')
        || coalesce(' (' || nullif(\(activity).application_name, '') || ')', '') END
    """
  }

  /// Locks `l` that others have been granted in this database, with their sessions `a`.
  static let granted = """
    pg_catalog.pg_locks l LEFT JOIN pg_catalog.pg_stat_activity a ON a.pid = l.pid
    WHERE l.granted AND l.pid IS DISTINCT FROM pg_backend_pid() AND l.database = \(database)
    """
}

extension PostgresConnection {
  /// The sessions that use a relation or one of its partitions in a way that keeps somebody waiting.
  public func holders(
    of relation: QualifiedName, against need: NeededLock
  ) throws(PostgresError) -> [String] {
    // Attaching one partition asks nothing of the others.
    let partitions =
      need == .shareUpdateExclusive
      ? ""
      : "UNION ALL SELECT inhrelid FROM pg_catalog.pg_inherits WHERE inhparent = to_regclass($1)"
    return try holders(
      "l.locktype = 'relation' AND l.mode = ANY ($2) AND l.relation IN (SELECT to_regclass($1) \(partitions))",
      [.text(try relation.sql), .texts(need.conflicts)])
  }

  /// The sessions that have an advisory lock.
  /// - Parameter name: of which the lock is on the hash.
  public func holders(ofTurn name: String) throws(PostgresError) -> [String] {
    // A lock on a bigint is shown in halves.
    try holders(
      """
      l.locktype = 'advisory' AND l.objsubid = 1
        AND (l.classid::int8 << 32) | l.objid::int8 = hashtextextended($1, 0)
      """, [.text(name)])
  }

  private func holders(
    _ condition: String, _ parameters: [Parameter]
  ) throws(PostgresError) -> [String] {
    var texts: [String] = []
    for row in try query(
      """
      SELECT DISTINCT \(LockHolders.session("l.pid", "a")) AS holder
      FROM \(LockHolders.granted) AND \(condition) ORDER BY 1
      """, parameters)
    { texts.append(try row.string("holder")) }
    return texts
  }

  /// The error of a lock that was waited for in vain, with those who are in the way as its hint: who has
  /// locked what the statement names, or what stands behind that; where nothing is found, who has locked
  /// anything for itself.
  public func withHolders(
    _ error: PostgresError, of statement: String, against need: NeededLock = .accessShare
  ) throws(PostgresError) -> PostgresError {
    let rows = try query(
      """
      WITH RECURSIVE used AS (
        SELECT c.oid FROM pg_catalog.pg_class c
        WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND c.oid >= 16384
          AND strpos(lower($1), lower(c.relname)) > 0
        UNION SELECT below.oid FROM used CROSS JOIN LATERAL (
          SELECT inhrelid AS oid FROM pg_catalog.pg_inherits WHERE inhparent = used.oid
          UNION ALL SELECT d.refobjid FROM pg_catalog.pg_rewrite r JOIN pg_catalog.pg_depend d
            ON d.classid = 'pg_rewrite'::regclass AND d.objid = r.oid
          WHERE r.ev_class = used.oid AND d.refclassid = 'pg_class'::regclass) below),
      locked AS (
        SELECT (pg_identify_object('pg_class'::regclass, l.relation, 0)).identity AS name,
          \(LockHolders.session("l.pid", "a")) AS session, min(a.xact_start) AS since,
          bool_or(l.relation IN (SELECT oid FROM used) AND l.mode = ANY ($2)) AS is_used,
          bool_or(l.mode = 'AccessExclusiveLock') AS is_whole
        FROM \(LockHolders.granted) AND l.locktype = 'relation' AND l.relation >= 16384
          AND l.relation IN (
            SELECT oid FROM pg_catalog.pg_class WHERE relkind IN ('r', 'p', 'v', 'm', 'f')
              AND relnamespace <> 'pg_toast'::regnamespace)
        GROUP BY 1, 2)
      SELECT name || ' is locked by ' || session AS holder FROM locked
      WHERE is_used OR is_whole AND NOT EXISTS (SELECT FROM locked WHERE is_used)
      ORDER BY since, name LIMIT 3
      """, [.text(statement), .texts(need.conflicts)])
    var error = error
    var texts: [String] = []
    for row in rows { texts.append(try row.string("holder")) }
    if !texts.isEmpty { error.hint = texts.joined(separator: ", ") }
    return error
  }
}
