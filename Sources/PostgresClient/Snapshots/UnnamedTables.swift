/// What a stage reads though nothing in its SELECTs names it: functions read it, of which nothing is known
/// before.
public struct UnnamedTables: Sendable, Hashable {
  /// Tables that were the same as in the snapshot.
  public internal(set) var names: Set<String> = []
  /// What no snapshot holds for, in words: `shop.f, a foreign table`.
  public internal(set) var unprotected: Set<String> = []
  /// Whether what functions read could not be seen, or not whether all of it was the same.
  public internal(set) var isUnseen = false

  mutating func formUnion(_ other: UnnamedTables) {
    names.formUnion(other.names)
    unprotected.formUnion(other.unprotected)
    isUnseen = isUnseen || other.isUnseen
  }
}

/// Looks after what a SELECT reads in a reader's transaction beside what is locked for it.
struct UnnamedTablesWatch: Sendable {
  private let reader: PostgresConnection
  /// A session that sees the moment, if there is one.
  private let watch: PostgresConnection?
  /// What is locked.
  private let known: Set<Int>
  /// How often tables were read before in the transaction; nil where no function can read one.
  private let scans: [Int: Int]?
  private let isUnseen: Bool

  /// Begins before the SELECT, behind a savepoint.
  static func begin(
    _ select: String, on reader: PostgresConnection, known: Set<Int>, watch: PostgresConnection?
  ) async throws(PostgresError) -> UnnamedTablesWatch {
    guard try await reader.mayCallFunctions(select, known) else {
      return UnnamedTablesWatch(
        reader: reader, watch: watch, known: known, scans: nil, isUnseen: false)
    }
    // What a parallel worker has locked and read is not seen from its leader.
    try await reader.execute(script: "SET LOCAL max_parallel_workers_per_gather TO 0")
    let counts = try await reader.query("SELECT current_setting('track_counts') = 'on' AS counts")
    return UnnamedTablesWatch(
      reader: reader, watch: watch, known: known, scans: try await reader.scans(),
      isUnseen: try counts.first?.bool("counts") != true)
  }

  /// What the SELECT has read besides.
  /// - Throws: `PostgresError` of kind `.changed` where that is not what the snapshot has of it, or where
  ///   it is no function that reads it: a partition that was attached with rows, a name that means another
  ///   table now.
  func end(_ select: String) async throws(PostgresError) -> UnnamedTables {
    let others = try await reader.lockedRelations(besides: known)
    let planned = others.isEmpty ? [] : try await reader.relations(inPlanOf: select)
    let named = others.filter { planned.contains($0.name) }
    let parts = try await (watch ?? reader).descendants(of: known, among: named.map(\.oid))
    for relation in named {
      guard parts.contains(relation.oid) else {
        throw .changed("\(relation.name) came to be what a name means", reader.location)
      }
      // What came to be a part without a row makes no difference.
      if try await reader.hasRows(relation) {
        throw .changed("\(relation.name) became a part of what is read", reader.location)
      }
    }
    let unnamed = others.filter { !planned.contains($0.name) }
    var all = Set(unnamed.map(\.oid))
    if let scans {
      // What an exception block has read and given up is not locked any more.
      let read = try await reader.scans().filter { $0.value != scans[$0.key] }.keys
      all.formUnion(Set(read).subtracting(known).subtracting(named.map(\.oid)))
    }
    if watch == nil { try await reader.verifyIndexes() }
    var found = UnnamedTables()
    found.isUnseen = isUnseen
    if all.isEmpty { return found }
    let seen = try await reader.facts(of: all)
    if let watch {
      try CatalogFacts.compare(seen, with: try await watch.facts(of: all), reader.location)
    } else {
      if let made = unnamed.first(where: { seen[$0.oid] == nil }) {
        throw .changed("\(made.name) was made", reader.location)
      }
      try await reader.verifyCatalog(of: all)
      found.isUnseen = true
    }
    found.unprotected = Set(try await reader.unprotected(unnamed))
    let tables = seen.filter { ["r", "m", "p"].contains($0.value.kind) }.map(\.value.name)
    found.names = Set(
      tables.filter { name in
        !found.unprotected.contains { $0.hasPrefix(name + ",") }
      })
    return found
  }
}

extension PostgresConnection {
  /// Whether a SELECT may call functions that read tables: some that are not the server's own are called as
  /// something in its text, or stand behind its views or policies. Those in C read through the server.
  fileprivate func mayCallFunctions(
    _ select: String, _ relations: Set<Int>
  ) throws(PostgresError) -> Bool {
    try query(
      """
      WITH functions AS (
        SELECT p.oid, p.proname FROM pg_catalog.pg_proc p
        JOIN pg_catalog.pg_language l ON l.oid = p.prolang
        WHERE p.oid >= 16384 AND l.lanname NOT IN ('c', 'internal'))
      SELECT EXISTS (SELECT FROM functions WHERE strpos(lower($1), lower(proname)) > 0)
        OR $1 ~* 'u&"' AND EXISTS (SELECT FROM functions)
        OR EXISTS (SELECT FROM pg_catalog.pg_operator o JOIN functions f ON f.oid = o.oprcode
          WHERE strpos($1, o.oprname) > 0)
        OR EXISTS (SELECT FROM pg_catalog.pg_depend d
          JOIN pg_catalog.pg_rewrite r ON d.classid = 'pg_rewrite'::regclass AND r.oid = d.objid
          WHERE r.ev_class = ANY ($2::oid[]) AND d.refobjid >= 16384
            AND d.refclassid IN ('pg_proc'::regclass, 'pg_operator'::regclass))
        OR EXISTS (SELECT FROM pg_catalog.pg_depend d
          JOIN pg_catalog.pg_policy p ON d.classid = 'pg_policy'::regclass AND p.oid = d.objid
          WHERE p.polrelid = ANY ($2::oid[]) AND d.refobjid >= 16384
            AND d.refclassid IN ('pg_proc'::regclass, 'pg_operator'::regclass)) AS may
      """, [.text(select), .texts(relations.sorted().map(String.init))]
    ).first?.bool("may") ?? true
  }

  /// How often tables have been read in the open transaction, by themselves or by an index, also in
  /// subtransactions that were given up.
  fileprivate func scans() throws(PostgresError) -> [Int: Int] {
    let rows = try query(
      """
      SELECT coalesce(i.indrelid, c.oid)::int8 AS oid,
        sum(pg_stat_get_xact_numscans(c.oid))::int8 AS scans
      FROM pg_catalog.pg_class c LEFT JOIN pg_catalog.pg_index i ON i.indexrelid = c.oid
      WHERE c.oid >= 16384 AND c.relkind IN ('r', 'm', 'i')
        AND c.relnamespace <> 'pg_toast'::regnamespace AND pg_stat_get_xact_numscans(c.oid) > 0
      GROUP BY 1
      """)
    var scans: [Int: Int] = [:]
    for row in rows { scans[try row.int("oid")] = try row.int("scans") }
    return scans
  }

  /// Which relations are partitions or other children of some, at any depth. Of partitions this moment is
  /// told, of other children what the transaction sees.
  fileprivate func descendants(
    of parents: Set<Int>, among relations: [Int]
  ) throws(PostgresError) -> Set<Int> {
    if relations.isEmpty { return [] }
    let rows = try query(
      """
      WITH RECURSIVE up AS (
        SELECT inhrelid AS child, inhparent AS parent FROM pg_catalog.pg_inherits
        WHERE inhrelid = ANY ($1::oid[])
        UNION
        SELECT up.child, i.inhparent FROM up
        JOIN pg_catalog.pg_inherits i ON i.inhrelid = up.parent)
      SELECT child::int8 AS oid FROM up WHERE parent = ANY ($2::oid[])
      UNION
      SELECT r::int8 FROM unnest($1::oid[]) r
      WHERE EXISTS (SELECT FROM pg_partition_ancestors(r) a WHERE a.relid::oid = ANY ($2::oid[]))
      """,
      [.texts(relations.map(String.init)), .texts(parents.sorted().map(String.init))])
    return Set(try rows.map { row throws(PostgresError) in try row.int("oid") })
  }

  /// Makes sure that no plan relied on a unique index that the snapshot does not know. To plan locks all
  /// indexes of a table.
  /// - Throws: `PostgresError` of kind `.changed`.
  fileprivate func verifyIndexes() throws(PostgresError) {
    let made = try query(
      """
      SELECT (pg_identify_object('pg_class'::regclass, relation, 0)).identity AS name
      FROM pg_catalog.pg_locks
      WHERE locktype = 'relation' AND pid = pg_backend_pid() AND relation >= 16384
        AND database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())
        AND pg_get_indexdef(relation) LIKE 'CREATE UNIQUE%' AND NOT EXISTS (
          SELECT FROM pg_catalog.pg_index
          WHERE indexrelid = relation AND indisunique AND indimmediate AND indisvalid)
      LIMIT 1
      """)
    if let name = try made.first?.optionalString("name") {
      throw .changed("the unique index \(name) was made", location)
    }
  }

  fileprivate func hasRows(_ relation: LockedRelation) throws(PostgresError) -> Bool {
    do throws(PostgresError) {
      return try !query("SELECT FROM ONLY \(relation.name) LIMIT 1").isEmpty
    } catch {
      // Partitions need not be readable by themselves.
      if error.isMissingPrivilege { return true }
      throw error
    }
  }

  /// The tables that a SELECT reads by itself, as it is planned now.
  func relations(inPlanOf select: String) throws(PostgresError) -> Set<String> {
    let plan = try self.plan(of: select)
    var names: Set<String> = []
    for row in try query(
      """
      SELECT DISTINCT format('%I.%I', node ->> 'Schema', node ->> 'Relation Name') AS name
      FROM jsonb_path_query($1::jsonb, '$.** ? (exists (@."Relation Name"))') AS node
      """, [Parameter(plan)])
    { names.insert(try row.string("name")) }
    return names
  }
}
