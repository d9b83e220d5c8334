import Frames
import PostgresClient

/// Rows ready to be loaded into a table.
struct DemoTable: Sendable {
  let schema: DemoSchema
  let definition: TableDefinition
  let frame: Frame

  init<Row>(in schema: DemoSchema, _ table: Table<Row>, _ rows: [Row]) {
    self.schema = schema
    definition = table.definition
    frame = table.frame(rows)
  }

  var name: QualifiedName { QualifiedName(schema: schema.name, name: definition.name) }

  func load(into database: isolated PostgresConnection, _ summary: inout LoadSummary) throws {
    try database.copyIn(frame, into: name)
    summary.add(name.description, rows: frame.rowCount)
  }
}
