/// A table, view, materialized view, foreign table or sequence that a transaction has locked.
struct LockedRelation: Sendable, Hashable {
  let oid: Int
  /// As Postgres calls it: `table`, `view`, `materialized view`, `foreign table`,
  /// `sequence`.
  let kind: String
  /// With its schema, quoted where need be, as it is called now.
  let name: String
  /// The number of the file that holds its rows now, another one whenever it is rewritten or emptied;
  /// 0 where it has none.
  let file: Int

  /// What people call one for which no snapshot holds; nil where one does.
  var withoutSnapshot: String? {
    switch kind {
    case "foreign table": "\(name), a foreign table"
    // What a sequence has given out is not taken back, and seen at once by all.
    case "sequence": "\(name), a sequence"
    default: nil
    }
  }
}

extension PostgresConnection {
  /// What the open transaction has locked, as the catalog has it now rather than in the transaction's
  /// snapshot. The catalog's own tables are left out.
  /// - Parameter known: what need not be told.
  func lockedRelations(besides known: Set<Int> = []) throws(PostgresError) -> [LockedRelation] {
    try LockedRelation.from(try query(LockedRelation.query(besides: known)))
  }

  /// Runs statements one by one, and returns what the transaction has locked then.
  func lockedRelations(after script: String) throws(PostgresError) -> [LockedRelation] {
    try LockedRelation.from(try query(script: "\(script); \(LockedRelation.query())"))
  }
}

extension LockedRelation {
  /// The functions that are asked here look into the catalog of this moment. A SELECT from `pg_class`
  /// would see that of the snapshot.
  fileprivate static func query(besides known: Set<Int> = []) -> String {
    let list = known.sorted().map(String.init).joined(separator: ",")
    let others = known.isEmpty ? "" : "AND NOT relation = ANY ('{\(list)}'::oid[])"
    return """
      SELECT relation::int8 AS oid, i.type AS kind, i.identity AS name,
        coalesce(pg_relation_filenode(relation), 0)::int8 AS file
      FROM (SELECT DISTINCT relation FROM pg_catalog.pg_locks
        WHERE locktype = 'relation' AND pid = pg_backend_pid() AND relation >= 16384
          AND database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())
          \(others)) AS locked,
        LATERAL pg_identify_object('pg_class'::regclass, relation, 0) i
      WHERE i.type IN ('table', 'view', 'materialized view', 'foreign table', 'sequence')
      """
  }

  fileprivate static func from(_ rows: [Row]) throws(PostgresError) -> [LockedRelation] {
    var relations: [LockedRelation] = []
    for row in rows {
      relations.append(
        LockedRelation(
          oid: try row.int("oid"), kind: try row.string("kind"), name: try row.string("name"),
          file: try row.int("file")))
    }
    return relations
  }
}
