import Frames
import PipelineFiles
import PostgresClient

/// Makes what a published table needs before rows can be loaded: invisible to readers.
struct TargetPreparation: Sendable {
  let layout: TargetLayout
  let pipeline: String

  /// Creates the partitioned table, or gives it the columns that it does not have yet.
  func prepare(_ connection: PostgresConnection) async throws {
    let layout = layout
    let pipeline = pipeline
    try await connection.transaction { database in
      try database.query(
        "SELECT pg_advisory_xact_lock(hashtextextended('roost.target/' || $1, 0))",
        [.text(layout.target)])
      let known = try database.query(
        "SELECT pipeline FROM roost.targets WHERE target = $1", [.text(layout.target)])
      if let owner = try known.first?.string("pipeline") {
        guard owner == pipeline else {
          throw RunError.changedTarget(
            table: layout.target, problem: "pipeline '\(owner)' publishes it")
        }
        try Self.adaptColumns(layout, database)
      } else {
        try Self.create(layout, pipeline, database)
      }
    }
  }

  private static func create(
    _ layout: TargetLayout, _ pipeline: String, _ database: isolated PostgresConnection
  ) throws {
    for name in [layout.history, layout.current] {
      let standing = try database.query(
        "SELECT to_regclass($1) IS NOT NULL AS taken", [.text(try name.sql)])
      guard try standing.first?.bool("taken") == false else {
        throw RunError.changedTarget(
          table: layout.target, problem: "\(name) exists and is not roost's")
      }
    }
    let keyed = Set(layout.snapshot.key + TargetLayout.ownFields.map(\.name))
    let columns = try layout.fields.map { field in
      "\(try SQL.identifier(field.name)) \(field.type.sqlName)"
        + (keyed.contains(field.name) ? " NOT NULL" : "")
    }
    try database.execute(
      """
      CREATE TABLE \(try layout.data.sql) (\(columns.joined(separator: ", ")))
      PARTITION BY LIST (run_id)
      """)
    try database.execute(
      "INSERT INTO roost.targets (target, data_table, pipeline, key) VALUES ($1, $2, $3, $4)",
      [
        .text(layout.target), .text(layout.data.description), .text(pipeline),
        .texts(layout.snapshot.key),
      ])
    try database.execute(
      """
      INSERT INTO roost.holdings (name, kind, entity_columns) VALUES ($1, 'table', $2)
      ON CONFLICT (name) DO UPDATE SET entity_columns = excluded.entity_columns
      """, [.text(layout.data.description), .texts(layout.snapshot.key)])
  }

  /// Readers may rely on every column that a view shows, so those stay. What only a run knew that
  /// published nothing may change.
  private static func adaptColumns(
    _ layout: TargetLayout, _ database: isolated PostgresConnection
  ) throws {
    let data = try layout.data.sql
    let rows = try database.query(
      """
      SELECT attname, format_type(atttypid, atttypmod) AS type,
        EXISTS (SELECT FROM pg_attribute v WHERE v.attrelid = to_regclass($2)
          AND v.attname = a.attname) AS is_shown
      FROM pg_attribute a WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped
      ORDER BY attnum
      """, [.text(data), .text(try layout.history.sql)])
    var missing = layout.fields
    var changes: [String] = []
    for row in rows {
      let name = try row.string("attname")
      let type = try row.string("type")
      let field = missing.first { $0.name == name }
      if field?.type.sqlName == type {
        missing.removeAll { $0.name == name }
        continue
      }
      guard try !row.bool("is_shown") else {
        throw RunError.changedTarget(
          table: layout.target,
          problem: field.map { "column '\(name)' was \(type) and would be \($0.type.sqlName)" }
            ?? "column '\(name)' would be gone")
      }
      changes.append("DROP COLUMN \(try SQL.identifier(name))")
    }
    for field in missing {
      changes.append("ADD COLUMN \(try SQL.identifier(field.name)) \(field.type.sqlName)")
    }
    guard !changes.isEmpty else { return }
    // Waits for no reader for long: without defaults these are changes of the catalog alone.
    try database.execute("SET LOCAL lock_timeout = '5s'")
    try database.execute("ALTER TABLE \(data) \(changes.joined(separator: ", "))")
  }
}
