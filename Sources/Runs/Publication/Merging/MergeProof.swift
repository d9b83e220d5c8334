import PipelineFiles
import PostgresClient

/// Looks whether the rows that were sent into a table are there, where the table has something of its own
/// that might keep them out: triggers, rules, policies, partitions elsewhere. Otherwise Postgres has
/// written them or said that it could not, and nothing is read again.
struct MergeProof {
  let statements: MergeStatements
  /// How many rows were sent.
  let rows: Int

  private var table: TargetTable { statements.layout.table }
  private var target: String { statements.layout.target }

  /// - Parameter own: which of the columns that roost itself fills the table has.
  /// - Returns: what has become of values on the way, for a person.
  /// - Throws: `PostgresError` where rows are missing, or are there that should be gone.
  func warnings(
    _ own: Set<String>, _ database: isolated PostgresConnection
  ) throws -> [String] {
    let obstacles = try Obstacles.read(of: statements.layout.name, database)
    guard !obstacles.isEmpty else { return [] }
    try fireDeferred(database)
    return table.mode == .append
      ? try appended(own, obstacles, database) : try merged(obstacles, database)
  }

  /// Has triggers do now what they would do at the commit, when nobody could look any more.
  private func fireDeferred(_ database: isolated PostgresConnection) throws {
    let triggers = try database.query(
      """
      SELECT format('%I.%I', n.nspname, c.conname) AS name, bool_or(c.condeferred) AS is_deferred
      FROM pg_constraint c JOIN pg_namespace n ON n.oid = c.connamespace
      WHERE c.contype = 't' AND c.condeferrable AND c.conrelid IN (
        SELECT to_regclass($1)::oid UNION SELECT relid::oid FROM pg_partition_tree(to_regclass($1)))
      GROUP BY 1 ORDER BY 1
      """, [.text(try statements.layout.name.sql)])
    for trigger in triggers where try trigger.bool("is_deferred") {
      let name = try trigger.string("name")
      try database.execute(overRows: "SET CONSTRAINTS \(name) IMMEDIATE")
      try database.execute("SET CONSTRAINTS \(name) DEFERRED")
    }
  }

  private func merged(
    _ obstacles: Obstacles, _ database: isolated PostgresConnection
  ) throws -> [String] {
    guard let found = try database.query(overRows: try statements.comparison).first else {
      return []
    }
    let missing = try found.int("missing")
    if missing > 0 { throw lost(missing, obstacles) }
    if table.mode == .replace,
      let left = try database.query(overRows: try statements.leftOver).first?.int("count"), left > 0
    {
      throw failure(
        "\(count(left)) should be gone and \(left == 1 ? "is" : "are") still there", obstacles)
    }
    let changed = try statements.layout.otherColumns.enumerated().compactMap { place, name in
      let rows = try found.int(.name("d\(place)"))
      return rows > 0 ? "\(name) of \(count(rows))" : nil
    }
    guard !changed.isEmpty else { return [] }
    return [
      "\(target) has other values than were sent in \(changed.joined(separator: ", ")): "
        + "\(obstacles.text) changes them, or keeps them from changing, and every run writes "
        + "them again"
    ]
  }

  private func appended(
    _ own: Set<String>, _ obstacles: Obstacles, _ database: isolated PostgresConnection
  ) throws -> [String] {
    let missing: Int
    if own.contains("run_id") {
      let sql = try statements.added(hasAsOf: own.contains("as_of"))
      missing = rows - (try database.query(overRows: sql).first?.int("count") ?? 0)
    } else {
      // Whatever was counted as written, a trigger may have removed again, or put
      // into another table below this one.
      missing = try database.query(overRows: try statements.missing).first?.int("count") ?? rows
    }
    if missing > 0 { throw lost(missing, obstacles) }
    return []
  }

  private func lost(_ missing: Int, _ obstacles: Obstacles) -> PostgresError {
    failure(
      "of \(count(rows)) that \(rows == 1 ? "was" : "were") sent \(missing) cannot be found there",
      obstacles)
  }

  private func failure(_ what: String, _ obstacles: Obstacles) -> PostgresError {
    PostgresError(
      .statement, "\(what): \(obstacles.text) has kept them from it, so nothing is published",
      hint:
        "see them with psql: \\d+ \(target); let them take the rows as they come, or write into "
        + "another table")
  }

  private func count(_ rows: Int) -> String { "\(rows) \(rows == 1 ? "row" : "rows")" }
}

/// What of a table, or of one of its partitions, may change or keep rows that are written into it.
struct Obstacles: Sendable {
  let names: [String]

  var isEmpty: Bool { names.isEmpty }
  /// `a trigger or a policy`
  var text: String { names.joined(separator: " or ") }

  static func read(
    of table: QualifiedName, _ database: isolated PostgresConnection
  ) throws -> Obstacles {
    let rows = try database.query(
      """
      WITH tree AS (
        SELECT to_regclass($1)::oid AS oid
        UNION SELECT relid::oid FROM pg_partition_tree(to_regclass($1)))
      SELECT EXISTS (SELECT FROM pg_trigger g JOIN tree ON tree.oid = g.tgrelid
          WHERE NOT g.tgisinternal AND g.tgenabled IN ('O', 'A')) AS has_trigger,
        EXISTS (SELECT FROM pg_rewrite r JOIN tree ON tree.oid = r.ev_class
          WHERE r.ev_type <> '1' AND r.ev_enabled IN ('O', 'A')) AS has_rule,
        row_security_active(to_regclass($1)::oid) AS has_policy,
        EXISTS (SELECT FROM pg_class c JOIN tree USING (oid) WHERE c.relkind = 'f') AS is_remote
      """, [.text(try table.sql)])
    guard let row = rows.first else { return Obstacles(names: []) }
    let found = [
      ("a trigger", try row.bool("has_trigger")), ("a rule", try row.bool("has_rule")),
      ("a policy", try row.bool("has_policy")), ("a foreign table", try row.bool("is_remote")),
    ]
    return Obstacles(names: found.filter(\.1).map(\.0))
  }
}
