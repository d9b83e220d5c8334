import PipelineFiles
import PostgresClient

/// What runs loaded, as `roost.loads` has it.
enum LoadRecords {
  /// Notes that a run begins to load rows for a table.
  static func begin(
    _ layout: TargetLayout, run: Int, stage: String, _ database: isolated PostgresConnection
  ) throws {
    try database.execute(
      """
      INSERT INTO roost.loads (run_id, target, stage, loaded_in, definition)
      VALUES ($1, $2, $3, $4, $5::jsonb)
      ON CONFLICT (run_id, target) DO UPDATE SET stage = excluded.stage,
        loaded_in = excluded.loaded_in, definition = excluded.definition, rows = NULL, change = NULL
      """,
      [
        Parameter(run), .text(layout.target), .text(stage),
        .text(layout.loaded(run: run).description),
        .text(TargetDefinition(layout.table, as: layout.name).json.text),
      ])
  }

  /// Notes that all rows are loaded.
  static func end(
    _ layout: TargetLayout, run: Int, rows: Int, on connection: PostgresConnection
  ) async throws {
    try await connection.execute(
      "UPDATE roost.loads SET rows = $3 WHERE run_id = $1 AND target = $2",
      [Parameter(run), .text(layout.target), Parameter(rows)])
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
      SELECT l.target, stage, definition, rows, change, data_table
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
        layout: layout, stage: try row.string("stage"), rows: try row.optionalInt("rows"),
        change: try row.optionalString("change").flatMap { TableChange(JSONValue(parsing: $0)) })
    }
  }
}

/// What a run loaded for a table.
struct LoadRecord: Sendable {
  let layout: TargetLayout
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
