import Diagnostics
import Frames
import PipelineFiles
import PostgresClient

/// Compares a table that a stage makes with what stands there.
struct CreatedTableCheck: Sendable {
  let table: CreatedTable
  let standing: StandingTable?

  func diagnostics() throws -> [Diagnostic] {
    guard let standing else { return [] }
    guard standing.isTable else {
      return [
        Diagnostic(
          .targetConflict, "\(table.name) stands there and is no table", at: table.span,
          help: "give it another name, or drop what is there")
      ]
    }
    return try table.fields.compactMap { field in
      let place = table.places[field.name] ?? table.span
      let sql = "ALTER TABLE \(try table.name.sql)"
      let column = try SQL.identifier(field.name)
      let type = field.type.sqlName
      switch standing.columns[field.name] {
      case type: return nil
      case nil:
        return Diagnostic(
          .targetConflict, "\(table.name) stands there and has no column '\(field.name)'",
          at: place, help: "\(sql) ADD COLUMN \(column) \(type), or write what it has")
      case let found?:
        return Diagnostic(
          .targetConflict,
          "\(table.name) stands there, and its column '\(field.name)' is of type \(found), not \(type)",
          at: place, help: "write \(found) here, or \(sql) ALTER COLUMN \(column) TYPE \(type)")
      }
    }
  }
}
