import Frames
import PipelineFiles
import PostgresClient

/// Makes what a published table needs before rows can be loaded: invisible to readers.
struct TargetPreparation: Sendable {
  let layout: TargetLayout
  let pipeline: String

  /// Creates the partitioned table, or adds the columns that it does not have yet.
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
        try Self.addColumns(layout, database)
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

  /// Readers may rely on every column there is, so columns can only be added.
  private static func addColumns(
    _ layout: TargetLayout, _ database: isolated PostgresConnection
  ) throws {
    let rows = try database.query(
      """
      SELECT attname, format_type(atttypid, atttypmod) AS type FROM pg_attribute
      WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped
      """, [.text(try layout.data.sql)])
    var standing: [String: String] = [:]
    for row in rows { standing[try row.string("attname")] = try row.string("type") }
    for field in layout.fields {
      guard let type = standing.removeValue(forKey: field.name) else {
        // Waits for no reader: a new column without a default is a change of the catalog alone.
        try database.execute("SET LOCAL lock_timeout = '5s'")
        try database.execute(
          """
          ALTER TABLE \(try layout.data.sql)
          ADD COLUMN \(try SQL.identifier(field.name)) \(field.type.sqlName)
          """)
        continue
      }
      guard type == field.type.sqlName else {
        throw RunError.changedTarget(
          table: layout.target,
          problem: "column '\(field.name)' was \(type) and would be \(field.type.sqlName)")
      }
    }
    if let gone = standing.keys.sorted().first {
      throw RunError.changedTarget(
        table: layout.target, problem: "column '\(gone)' would be gone")
    }
  }
}
