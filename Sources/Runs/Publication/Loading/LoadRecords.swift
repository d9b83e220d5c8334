import PipelineFiles
import PostgresClient
import State

/// What runs loaded, as `roost.loads` has it.
enum LoadRecords {
  /// Of roost.runs, the run for as long as this attempt has its token: nobody takes it over before the
  /// transaction ends.
  private static let own = """
    SELECT FROM roost.runs WHERE run_id = $1 AND token = $2 AND state = 'running' FOR SHARE
    """

  /// Notes that a run begins to load rows for a table.
  /// - Throws: `RunError.lostLock` where the run is not ours any more.
  static func begin(
    _ layout: TargetLayout, _ session: RunSession, stage: String, in name: QualifiedName,
    _ database: isolated PostgresConnection
  ) throws {
    let owned = try database.query(own, [Parameter(session.run), Parameter(session.token)])
    guard !owned.isEmpty else { throw RunError.lostLock }
    try database.execute(
      """
      INSERT INTO roost.loads (run_id, target, stage, loaded_in, definition)
      VALUES ($1, $2, $3, $4, $5::jsonb)
      ON CONFLICT (run_id, target) DO UPDATE SET stage = excluded.stage,
        loaded_in = excluded.loaded_in, definition = excluded.definition, rows = NULL, change = NULL
      """,
      [
        Parameter(session.run), .text(layout.target), .text(stage), .text(name.description),
        .text(TargetDefinition(layout.table, as: layout.name).json.text),
      ])
  }

  /// Notes that all rows are loaded.
  /// - Throws: `RunError.lostLock` where the run is not ours any more.
  static func end(
    _ layout: TargetLayout, _ session: RunSession, rows: Int, in name: QualifiedName,
    on connection: PostgresConnection
  ) async throws {
    let ended = try await connection.execute(
      """
      UPDATE roost.loads SET rows = $3 WHERE run_id = $1 AND target = $4 AND loaded_in = $5
        AND EXISTS (\(own))
      """,
      [
        Parameter(session.run), Parameter(session.token), Parameter(rows), .text(layout.target),
        .text(name.description),
      ])
    guard ended == 1 else { throw RunError.lostLock }
  }

  static func record(
    _ change: TableChange, of target: String, run: Int, on connection: PostgresConnection
  ) async throws {
    try await connection.execute(
      "UPDATE roost.loads SET change = $3::jsonb WHERE run_id = $1 AND target = $2",
      [Parameter(run), .text(target), .text(change.json.text)])
  }

  /// What a run loaded, by the names of the tables.
  static func all(of run: Int, on connection: PostgresConnection) async throws -> [LoadRecord] {
    try await connection.query(
      """
      SELECT l.target, stage, loaded_in, definition, rows, change, data_table
      FROM roost.loads l LEFT JOIN roost.targets t ON t.target = l.target
      WHERE run_id = $1 ORDER BY l.target COLLATE "C"
      """, [Parameter(run)]
    ).compactMap { row in
      guard let definition = TargetDefinition(JSONValue(parsing: try row.string("definition")))
      else { return nil }
      var layout = TargetLayout(definition.table, environment: .standard)
      if definition.table.mode.isRoosts, let data = try row.optionalString("data_table") {
        layout = layout.withRows(in: .inData(data))
      }
      return LoadRecord(
        layout: layout, rowsIn: .inData(try row.string("loaded_in")),
        stage: try row.string("stage"), rows: try row.optionalInt("rows"),
        change: try row.optionalString("change").flatMap { TableChange(JSONValue(parsing: $0)) })
    }
  }
}

/// What a run loaded for a table.
struct LoadRecord: Sendable {
  let layout: TargetLayout
  /// The table in `roost_data` that has the rows, or had them.
  let rowsIn: QualifiedName
  let stage: String
  /// Nil where not all of them were loaded.
  let rows: Int?
  /// What it changes, where that was worked out.
  let change: TableChange?
}

extension QualifiedName {
  /// A table that `roost.targets` names with its schema; only its own name may have points.
  static func inData(_ text: String) -> QualifiedName {
    let parts = text.split(separator: ".", maxSplits: 1).map(String.init)
    return QualifiedName(schema: parts.count > 1 ? parts[0] : nil, name: parts.last ?? "")
  }
}
