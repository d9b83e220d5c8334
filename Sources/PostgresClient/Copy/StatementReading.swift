import CLibpq

extension PostgresConnection {
  /// The columns that a query would return, and what it reads, as far as Postgres goes before the first
  /// row; no row is read, and nothing stays locked.
  /// - Parameters:
  ///   - dated: the same query with something for the as-of that is no constant, of which only the plan
  ///     is looked at; nil where there is no as-of in it.
  ///   - acceptsRowSecurity: whether policies may decide which rows are read.
  /// - Throws: `PostgresError`, also where the role may not read, or where a policy would hide rows.
  public func examine(
    _ select: String, dated: String? = nil, acceptsRowSecurity: Bool
  ) throws(PostgresError) -> StatementDescription {
    do throws(PostgresError) {
      return try look(at: select, dated, underPolicies: acceptsRowSecurity)
    } catch {
      guard !acceptsRowSecurity, error.isMissingPrivilege,
        (try? look(at: select, dated, underPolicies: true)) != nil
      else { throw error }
      // With policies it can be read: they are what Postgres speaks of.
      var error = error
      error.hint = PostgresError.hintOfRowSecurity
      throw error
    }
  }

  private func look(
    at select: String, _ dated: String?, underPolicies: Bool
  ) throws(PostgresError) -> StatementDescription {
    let rows = underPolicies ? "on" : "off"
    try begin(
      isolation: .repeatableRead, readOnly: true,
      then: "SET LOCAL row_security TO \(rows);" + Self.oneWay, staysSet: true)
    defer { rollback() }
    let described = try describedReadable(select)
    var description = described.description
    let select = try description.readable(of: select)
    let plan = try self.plan(of: select, costs: true)
    let relations = try lockedRelations()
    try open(select)
    let unprotected = try unprotected(relations)
    var views: [Oid: [ColumnOrigin?]] = [:]
    var plain = Set(description.sources.keys)
    var kept: [String: [ColumnOrigin]] = [:]
    for (name, origin) in described.ofViews {
      let shown = try trace(origin, &views)
      kept[name] = shown.materialized
      if !shown.isPlain { plain.remove(name) }
    }
    // What a materialized view holds was put together when it was refreshed, maybe from others.
    var materialized: [MaterializedView] = []
    var known = Set(relations.map(\.oid))
    var pending = relations.filter { $0.kind == "materialized view" }.map(\.oid)
    while let view = pending.popLast() {
      let found = try apart { () throws(PostgresError) in
        (try self.plan(of: definition(view), costs: true), try lockedRelations(besides: known))
      }
      let inner = (found?.1 ?? []).filter { $0.kind == "materialized view" }.map(\.oid)
      pending += inner
      known.formUnion(inner)
      materialized.append(
        MaterializedView(
          plan: found?.0,
          columns: kept.compactMapValues { origins in
            origins.first { Int($0.table) == view }.map { Int($0.number) - 1 }
          }))
    }
    var datedPlan: String? = plan
    if let dated {
      datedPlan = try apart { () throws(PostgresError) in try self.plan(of: dated, costs: true) }
    }
    description.reading = StatementReading(
      relations: Set(relations.map(\.oid)), unprotected: unprotected, plan: plan,
      dated: datedPlan, materialized: materialized, plainColumns: plain)
    return description
  }

  /// What is said of a SELECT by its plan must not hang on indexes and statistics: DISTINCT and GROUP BY are
  /// done by hashing, so that sorting for them means DISTINCT ON, and in one process.
  private static let oneWay = """
    SET LOCAL enable_hashagg TO on; SET LOCAL enable_sort TO off; SET LOCAL enable_indexscan TO off;
    SET LOCAL enable_indexonlyscan TO off; SET LOCAL max_parallel_workers_per_gather TO 0;
    """

  private func definition(_ view: Int) throws(PostgresError) -> String {
    try query("SELECT pg_get_viewdef($1::oid)", [Parameter(view)]).first?.string(0) ?? ""
  }

  /// Tries something of which the open transaction is to know nothing; nil where Postgres refuses.
  private func apart<Value>(
    _ body: () throws(PostgresError) -> Value
  ) throws(PostgresError) -> Value? {
    try run("SAVEPOINT apart")
    let value: Value?
    do throws(PostgresError) {
      value = try body()
    } catch {
      if error.kind != .statement { throw error }
      value = nil
    }
    try run("ROLLBACK TO SAVEPOINT apart")
    return value
  }

  /// Whether a view's column shows a table's column, be it through further views, and which columns of
  /// materialized views it shows.
  /// - Parameter views: what is known of views.
  private func trace(
    _ origin: ColumnOrigin, _ views: inout [Oid: [ColumnOrigin?]]
  ) throws(PostgresError) -> (isPlain: Bool, materialized: [ColumnOrigin]) {
    var origin = origin
    var materialized: [ColumnOrigin] = []
    while let kind = try query(
      """
      SELECT relkind IN ('v', 'm') AS is_view, relkind = 'm' AS is_kept FROM pg_catalog.pg_class
      WHERE oid = $1::oid
      """, [.text(String(origin.table))]
    ).first, try kind.bool("is_view") {
      if try kind.bool("is_kept") { materialized.append(origin) }
      if views[origin.table] == nil {
        let found = try apart { () throws(PostgresError) -> [ColumnOrigin?] in
          let result = try prepared(definition(Int(origin.table)))
          return (0..<PQnfields(result.pointer)).map {
            DescribedColumn(result.pointer, $0).origin
          }
        }
        views[origin.table] = found ?? []
      }
      let columns = views[origin.table] ?? []
      let place = Int(origin.number) - 1
      guard columns.indices.contains(place), let next = columns[place] else {
        return (false, materialized)
      }
      origin = next
    }
    return (true, materialized)
  }

  /// Relations for which this server's snapshot does not hold: rows of other servers, and sequences.
  func unprotected(_ relations: [LockedRelation]) throws(PostgresError) -> [String] {
    var found = relations.compactMap(\.withoutSnapshot)
    let isCluster = try query(
      "SELECT to_regclass('pg_catalog.pg_dist_partition') IS NOT NULL AS is_cluster")
    if try isCluster.first?.bool("is_cluster") == true, !relations.isEmpty {
      let rows = try query(
        """
        SELECT logicalrelid::oid::int8 AS oid FROM pg_catalog.pg_dist_partition
        WHERE logicalrelid::oid = ANY ($1::oid[])
        """, [.texts(relations.map { String($0.oid) })])
      let distributed = Set(try rows.map { row throws(PostgresError) in try row.int("oid") })
      found += relations.filter { distributed.contains($0.oid) }
        .map { "\($0.name), a distributed table" }
    }
    return found.sorted()
  }
}

extension StatementDescription {
  /// Of all columns of a table those that can be read; any other statement stays as it is.
  func readable(of statement: String) throws(PostgresError) -> String {
    let whole = "SELECT * FROM "
    guard !unread.isEmpty, statement.hasPrefix(whole) else { return statement }
    var names: [String] = []
    for name in schema.names { names.append(try SQL.identifier(name)) }
    return "SELECT \(names.joined(separator: ", ")) FROM \(statement.dropFirst(whole.count))"
  }
}
