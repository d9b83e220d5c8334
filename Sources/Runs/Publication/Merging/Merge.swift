import Frames
import PipelineFiles
import PostgresClient
import State

/// Brings the rows that a run loaded into a table that stands.
package struct Merge: Sendable {
  package let layout: TargetLayout
  /// Where the rows wait; nil where they are not loaded yet.
  let rowsIn: QualifiedName?
  let pipeline: String
  let asOf: Instant
  let run: Int
  /// Whether a person wants it although the table shows a later as-of.
  var isForced = false

  /// A merge of no run, for asking Postgres what it would say to one.
  package static func trial(of table: TargetTable, into name: QualifiedName) -> Merge {
    var layout = TargetLayout(table, environment: .standard)
    layout.name = name
    return Merge(layout: layout, rowsIn: nil, pipeline: "", asOf: Instant(microseconds: 0), run: 0)
  }

  private var target: String { layout.target }
  private var mode: WriteMode { layout.table.mode }

  /// Keeps others from changing what the mode must not see changed. Nobody who reads waits for either.
  func lock(_ patience: LockPatience, _ database: isolated PostgresConnection) throws {
    // LOCK asks for privileges on the whole table; planning takes the lock of writing with those that
    // writing needs, which may be on columns only.
    let lock =
      mode == .replace
      ? "LOCK TABLE \(try layout.name.sql) IN SHARE ROW EXCLUSIVE MODE"
      : "EXPLAIN (COSTS OFF) \(try statements(from: loaded, database).last ?? "")"
    try patience.change(
      layout.name, of: target, needing: mode == .replace ? .shareRowExclusive : .rowExclusive,
      by: lock, on: database)
  }

  private var loaded: String {
    get throws {
      guard let rowsIn else { throw TableError.rowsGone(target, run: run) }
      return try rowsIn.sql
    }
  }

  /// The statements that a run may send, the insertion last.
  /// - Parameter rows: as `MergeStatements` has them.
  package func statements(
    from rows: String, _ database: isolated PostgresConnection
  ) throws -> [String] {
    let statements = MergeStatements(layout: layout, asOf: asOf, run: run, rows: rows)
    let own = try ownColumns(database)
    var all: [String] = []
    if mode == .replace { all.append(try statements.deletion) }
    if mode == .append, own.contains("run_id") {
      all.append(try statements.deletion(ofRun: run, hasAsOf: own.contains("as_of")))
    }
    return all + [try statements.insertion(own: own)]
  }

  struct Outcome: Sendable {
    /// What was done, in one line.
    let note: String
    var warnings: [String] = []
  }

  /// Writes the rows, and lets go where they waited.
  /// - Throws: `PostgresError`, also where rows that were sent are not there afterwards.
  func run(
    _ patience: LockPatience, rows: Int, _ database: isolated PostgresConnection
  ) throws -> Outcome {
    guard let rowsIn else { throw TableError.rowsGone(target, run: run) }
    let outcome: Outcome
    if !isForced, mode.usesKey, let newer = try newerMerge(database) {
      outcome = Outcome(
        note: "\(target): left alone, for it has the rows of run \(newer), whose as-of is later")
    } else {
      if mode == .append { try refuseSecondAppend(database) }
      outcome = try write(rowsIn, patience, rows, database)
      try record(rows, database)
    }
    try RowTable.drop(rowsIn, database)
    return outcome
  }

  private func write(
    _ rowsIn: QualifiedName, _ patience: LockPatience, _ rows: Int,
    _ database: isolated PostgresConnection
  ) throws -> Outcome {
    let statements = MergeStatements(layout: layout, asOf: asOf, run: run, rows: try rowsIn.sql)
    let own = try ownColumns(database)
    var removed = 0
    if mode == .replace {
      removed = try patience.write(
        statements.deletion, to: layout.name, of: target, on: database)
    }
    if mode == .append, own.contains("run_id"), let earlier = try mergedRun(database) {
      removed = try patience.write(
        try statements.deletion(ofRun: earlier, hasAsOf: own.contains("as_of")), to: layout.name,
        of: target, on: database)
    }
    let written = try patience.write(
      try statements.insertion(own: own), to: layout.name, of: target, on: database)
    let verb = mode == .append ? "added" : "added or changed"
    let removal = removed == 0 ? "" : ", \(removed) \(mode == .append ? "replaced" : "removed")"
    let note = "\(target): \(written) \(written == 1 ? "row" : "rows") \(verb)\(removal)"
    let proof = MergeProof(statements: statements, rows: rows)
    return Outcome(note: note, warnings: try proof.warnings(own, database))
  }

  /// Rows of an as-of never come in twice: those of an earlier run are found by its number, and where the
  /// table has no place for that, there is no second time; nor where it is not known any more what was added.
  /// - Throws: `TableError.appendedAlready`, `TableError.appendForgotten`
  func refuseSecondAppend(_ database: isolated PostgresConnection) throws {
    guard let earlier = try mergedRun(database) else { return try refuseForgotten(database) }
    if try ownColumns(database).contains("run_id") { return }
    throw TableError.appendedAlready(target, run: earlier)
  }

  private func refuseForgotten(_ database: isolated PostgresConnection) throws {
    let forgotten = try database.query(
      """
      SELECT first_as_of, last_as_of FROM roost.forgotten_merges
      WHERE target = $1 AND pipeline = $2 AND $3 BETWEEN first_as_of AND last_as_of
      """, key)
    guard let row = forgotten.first else { return }
    throw TableError.appendForgotten(
      target, pipeline: pipeline, from: try row.instant("first_as_of").sqlText,
      to: try row.instant("last_as_of").sqlText)
  }

  private var key: [Parameter] { [.text(target), .text(pipeline), .instant(asOf)] }

  /// The run that wrote last for this as-of. What is known of it stays until the transaction ends.
  private func mergedRun(_ database: isolated PostgresConnection) throws -> Int? {
    try database.query(
      """
      SELECT run_id FROM roost.merges WHERE target = $1 AND pipeline = $2 AND as_of = $3 FOR UPDATE
      """, key
    ).first?.int("run_id")
  }

  /// The run that wrote for a later as-of; one that is still to come does not count, for by a slip it may
  /// be years ahead.
  func newerMerge(_ database: isolated PostgresConnection) throws -> Int? {
    try database.query(
      """
      SELECT run_id FROM roost.merges
      WHERE target = $1 AND pipeline = $2 AND as_of > $3 AND as_of <= now()
      ORDER BY as_of DESC LIMIT 1
      """, [.text(target), .text(pipeline), .instant(asOf)]
    ).first?.int("run_id")
  }

  private func record(_ rows: Int, _ database: isolated PostgresConnection) throws {
    try database.execute(
      """
      INSERT INTO roost.merges (target, pipeline, as_of, run_id, mode, rows)
      VALUES ($1, $2, $3, $4, $5, $6)
      ON CONFLICT (target, pipeline, as_of) DO UPDATE SET run_id = excluded.run_id,
        mode = excluded.mode, rows = excluded.rows, merged_at = clock_timestamp()
      """,
      [
        .text(target), .text(pipeline), .instant(asOf), Parameter(run), .text(mode.rawValue),
        Parameter(rows),
      ])
  }

  /// Of the columns that roost itself fills, those that the table has and the rows have not.
  private func ownColumns(_ database: isolated PostgresConnection) throws -> Set<String> {
    let standing = try database.query(
      """
      SELECT attname, format_type(atttypid, atttypmod) AS type FROM pg_attribute
      WHERE attrelid = to_regclass($1) AND attnum > 0 AND NOT attisdropped AND attgenerated = ''
      """, [.text(try layout.name.sql)])
    var own: Set<String> = []
    for row in standing {
      let (name, type) = (try row.string("attname"), try row.string("type"))
      if TargetTable.ownFields.contains(where: { $0.name == name && $0.type.sqlName == type }),
        layout.table.schema[name] == nil
      {
        own.insert(name)
      }
    }
    return own
  }
}
