import Catalog
import Frames
import PipelineFiles
import PostgresClient
import State

/// Makes what a published table needs before rows can be loaded: invisible to readers.
struct TargetPreparation: Sendable {
  /// The layout, with the name that a new table for the rows would get.
  let layout: TargetLayout
  /// Who publishes it.
  let owner: PublishedTable.Owner
  let patience: LockPatience
  var observer: RunObserver = { _ in }

  /// Creates the partitioned table, or gives it the columns that it does not have yet.
  /// - Returns: the layout with the table in which the rows are.
  func prepare(_ connection: PostgresConnection) async throws -> TargetLayout {
    let (layout, owner, patience) = (layout, owner, patience)
    return try await patience.retrying(
      on: connection, tell: noting(observer)
    ) { database in
      try patience.take(
        turn: "roost.target/\(layout.target)", of: layout.target, on: database)
      guard let known = try database.publishedTable(layout.name) else {
        return try Self.create(layout, owner, database)
      }
      if known.owner != owner {
        guard known.owner.admits(owner) else {
          throw TableError.changed(layout.target, problem: "\(known.owner) publishes it")
        }
        try database.execute(
          "UPDATE roost.targets SET environment = $2 WHERE target = $1",
          [.text(layout.target), Parameter(owner.environment)])
      }
      let recorded = layout.withRows(in: known.data)
      try Self.adapt(known, to: recorded, patience, database)
      return recorded
    }
  }

  private static func create(
    _ wanted: TargetLayout, _ owner: PublishedTable.Owner, _ database: isolated PostgresConnection
  ) throws -> TargetLayout {
    var layout = wanted
    var taken = 0
    while try database.query("SELECT to_regclass($1) IS NOT NULL", [.text(layout.data.sql)])[0]
      .bool(0)
    {
      // Of a table that an older roost named otherwise, or of somebody else.
      taken += 1
      layout = wanted.withRows(
        in: QualifiedName(schema: wanted.data.schema, name: "\(wanted.data.name)_\(taken)"))
    }
    for name in [layout.history, layout.current] {
      let standing = try database.query(
        "SELECT to_regclass($1) IS NOT NULL AS taken", [.text(try name.sql)])
      guard try standing.first?.bool("taken") == false else {
        throw TableError.changed(layout.target, problem: "\(name) exists and is not roost's")
      }
    }
    try layout.makeData(database)
    try database.execute(
      """
      INSERT INTO roost.targets (target, data_table, pipeline, environment, key)
      VALUES ($1, $2, $3, $4, $5)
      """,
      [
        .text(layout.target), .text(layout.data.description), .text(owner.pipeline),
        Parameter(owner.environment), .texts(layout.table.key),
      ])
    try database.execute(
      """
      INSERT INTO roost.holdings (name, kind, entity_columns) VALUES ($1, 'table', $2)
      ON CONFLICT (name) DO UPDATE SET entity_columns = excluded.entity_columns
      """, [.text(layout.data.description), .texts(layout.table.key)])
    return layout
  }

  /// Readers may rely on every column that they were shown, so those stay. What only a run knew that
  /// published nothing may change, as long as no publication has values in it.
  private static func adapt(
    _ known: PublishedTable, to layout: TargetLayout, _ patience: LockPatience,
    _ database: isolated PostgresConnection
  ) throws {
    if let loss = known.losses(with: layout.fields).first {
      throw TableError.changed(layout.target, problem: "\(loss), and readers may rely on it")
    }
    let widenings = known.widenings(with: layout.fields)
    if let obstacle = known.obstacle(to: widenings) {
      throw TableError.changed(layout.target, problem: obstacle)
    }
    var missing = layout.fields
    var changes: [String] = []
    for column in known.columns {
      let field = missing.first { $0.name == column.name }
      if field?.type.sqlName == column.type {
        missing.removeAll { $0.name == column.name }
      } else if let widening = widenings.first(where: { $0.column == column.name }) {
        missing.removeAll { $0.name == column.name }
        changes.append("ALTER COLUMN \(try SQL.identifier(column.name)) TYPE \(widening.to)")
      } else {
        if known.isPublished { try refuseToDrop(column.name, layout, database) }
        changes.append("DROP COLUMN \(try SQL.identifier(column.name))")
      }
    }
    for field in missing {
      changes.append("ADD COLUMN \(try SQL.identifier(field.name)) \(field.type.sqlName)")
    }
    guard !changes.isEmpty else { return }
    let change = "ALTER TABLE \(try layout.data.sql) \(changes.joined(separator: ", "))"
    guard !widenings.isEmpty else {
      // Without defaults these are changes of the catalog alone.
      try patience.change(layout.data, of: layout.target, by: change, on: database)
      return
    }
    // No column changes its type under a view. Rows may have to be rewritten, and readers wait for it.
    let views = try ViewsAside.take(
      [layout.current, layout.history], of: layout.target, patience, database)
    try patience.change(layout.data, of: layout.target, by: change, on: database)
    try views.putBack(database)
  }

  /// The view may have been made anew without a column that publications have.
  private static func refuseToDrop(
    _ column: String, _ layout: TargetLayout, _ database: isolated PostgresConnection
  ) throws {
    let kept = try database.query(
      """
      SELECT EXISTS (SELECT FROM \(try layout.data.sql)
        WHERE \(try SQL.identifier(column)) IS NOT NULL AND run_id IN
          (SELECT run_id FROM roost.publications WHERE target = $1)) AS has_values
      """, [.text(layout.target)])
    guard try kept.first?.bool("has_values") == false else {
      throw TableError.changed(
        layout.target,
        problem: "column '\(column)' would be gone, and publications that are kept have it")
    }
  }
}

extension TargetLayout {
  /// Makes the table with the rows of all runs.
  func makeData(_ database: isolated PostgresConnection) throws {
    try database.execute(try dataDefinition)
    try database.execute(try RowKeeping.statement(for: data))
  }

  private var dataDefinition: String {
    get throws {
      let keyed = Set(table.key + Self.ownFields.map(\.name))
      let columns = try fields.map { field in
        "\(try SQL.identifier(field.name)) \(field.type.sqlName)"
          + (keyed.contains(field.name) ? " NOT NULL" : "")
      }
      return """
        CREATE TABLE \(try data.sql) (\(columns.joined(separator: ", ")))
        \(Partitioning.sql)
        """
    }
  }
}
