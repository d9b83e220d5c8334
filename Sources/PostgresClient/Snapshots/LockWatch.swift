/// A session beside a snapshot's that sees the moment: it looks after their locks. Its transaction stays
/// open, so that behind a pooler it stays on one server session, and sees what is committed by each
/// statement.
struct LockWatch: Sendable {
  let connection: PostgresConnection

  /// - Returns: nil where the connection leads to another server or database.
  static func begin(
    _ connection: PostgresConnection, on server: String
  ) async throws(PostgresError) -> LockWatch? {
    try await connection.beginReading(isolation: .readCommitted)
    return try await connection.server() == server ? LockWatch(connection: connection) : nil
  }

  /// What keeps sessions waiting for locks, for people, as soon as one waits. Looks after every pause
  /// until the task is cancelled.
  func blockers(of processes: [Int], after pause: Duration) async -> [String] {
    while true {
      do {
        try await Task.sleep(for: pause)
        let found = try await blockers(of: processes)
        if !found.isEmpty { return found }
      } catch {
        // Who it is would be good to know; that it is locked is known all the same.
        return []
      }
    }
  }

  private func blockers(of processes: [Int]) async throws -> [String] {
    let rows = try await unhurried(
      """
      SELECT DISTINCT (pg_identify_object('pg_class'::regclass, w.relation, 0)).identity AS name,
        \(LockHolders.session("b", "a")) AS session
      FROM pg_catalog.pg_locks w CROSS JOIN unnest(pg_blocking_pids(w.pid)) AS b
      LEFT JOIN pg_catalog.pg_stat_activity a ON a.pid = b
      WHERE w.locktype = 'relation' AND w.database = \(LockHolders.database) AND NOT w.granted
        AND w.pid = ANY ($1::int[]) AND NOT b = ANY ($1::int[])
      ORDER BY 1, 2
      """, [.texts(processes.map(String.init))])
    return try rows.map {
      "\(try $0.optionalString("name") ?? "a table") is locked by \(try $0.string("session"))"
    }
  }

  /// Runs a query to its end although the task is cancelled, which would spoil the transaction.
  private func unhurried(_ sql: String, _ parameters: [Parameter]) async throws -> [Row] {
    let connection = connection
    return try await Task.detached {
      try await connection.lookAnew()
      return try await connection.query(sql, parameters)
    }.value
  }

  /// Sessions that wait for relations which a snapshot's transactions have locked.
  func waiting(
    for relations: Set<Int>, of processes: [Int]
  ) async throws(PostgresError) -> [(relation: Int, name: String, session: String)] {
    try await connection.lookAnew()
    let rows = try await connection.query(
      """
      SELECT w.relation::int8 AS relation,
        (pg_identify_object('pg_class'::regclass, w.relation, 0)).identity AS name,
        \(LockHolders.session("w.pid", "a")) AS session
      FROM pg_catalog.pg_locks w LEFT JOIN pg_catalog.pg_stat_activity a ON a.pid = w.pid
      WHERE w.locktype = 'relation' AND w.database = \(LockHolders.database) AND NOT w.granted
        AND w.relation = ANY ($1::oid[]) AND pg_blocking_pids(w.pid) && $2::int[]
        AND NOT w.pid = ANY ($2::int[])
      """,
      [.texts(relations.map(String.init)), .texts(processes.map(String.init))])
    var found: [(relation: Int, name: String, session: String)] = []
    for row in rows {
      let name = try row.optionalString("name") ?? "a table"
      found.append((try row.int("relation"), name, try row.string("session")))
    }
    return found
  }

  /// Makes sure that a reader has held locks all the time, on relations that are still called the same.
  /// - Throws: `PostgresError` of kind `.changed`.
  func verify(_ relations: [LockedRelation], heldBy facts: SnapshotFacts)
    async throws(PostgresError)
  {
    let rows = try await connection.query(
      """
      SELECT l.relation::int8 AS oid,
        (pg_identify_object('pg_class'::regclass, l.relation, 0)).identity AS name
      FROM pg_catalog.pg_locks l
      WHERE l.locktype = 'relation' AND l.database = \(LockHolders.database) AND l.granted
        AND l.pid = $1 AND l.virtualtransaction = $2 AND l.relation = ANY ($3::oid[])
      """,
      [
        Parameter(facts.processIdentifier), .text(facts.transaction),
        .texts(relations.map { String($0.oid) }),
      ])
    var names: [Int: String] = [:]
    for row in rows {
      names[try row.int("oid")] = try row.optionalString("name")
    }
    for relation in relations where names[relation.oid] != relation.name {
      throw .changed(
        names[relation.oid].map { "\(relation.name) became \($0)" }
          ?? "the lock on \(relation.name) was lost", connection.location)
    }
  }
}

extension PostgresConnection {
  /// Has the open transaction see sessions as they are: Postgres tells of them as they were when it was
  /// asked first.
  fileprivate func lookAnew() throws(PostgresError) {
    try execute("SELECT pg_stat_clear_snapshot()")
  }
}
