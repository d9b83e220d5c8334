import Diagnostics
import Frames
import PipelineFiles
import PostgresClient
import Relations

/// Puts expected and actual rows of a stage into tables, and compares them.
struct ComparedTables {
  let schema: TestSchema
  let report: Report
  let stage: String
  let shape: RelationShape

  enum Result {
    case equal
    case different(RowDifference)
  }

  /// - Returns: nil where a value cannot be read, which the report then says.
  func compare(_ rows: RowSet, _ order: RowOrder, with frame: Frame) async throws -> Result? {
    let names = rows.columns.map(\.name)
    // Names of tables that no stage can have.
    guard let expected = try await expectedTable(rows, in: "\(stage.prefix(40)) expected") else {
      return nil
    }
    let found = try await foundTable(frame, names, order)
    let keys = shape.key.compactMap { names.firstIndex(of: $0) }
    let pairing: RowComparison.Pairing =
      switch order {
      case .key: .place
      case .ignore where names.isEmpty: .place
      case .ignore:
        .columns(
          !keys.isEmpty && keys.count == shape.key.count ? keys : Array(names.indices))
      }
    let comparison = RowComparison(schema: schema, columns: names, pairing: pairing)
    let difference = try await comparison.compare(
      expected: expected, rows.rows.count, found: found)
    return difference.map(Result.different) ?? .equal
  }

  private func expectedTable(_ rows: RowSet, in name: String) async throws -> QualifiedName? {
    let columns = rows.columns.enumerated().compactMap { place, column in
      shape.schema[column.name].map { field in
        TestSchema.Column(name: RowComparison.column(place), type: exactType(field.type))
      }
    }
    let place = TestSchema.Column(
      name: "place", type: "bigint GENERATED ALWAYS AS IDENTITY", isNullable: false)
    let table = try await schema.makeTable(name, [place] + columns)
    let cells = rows.rows.map { row in rows.columns.map { row[$0.name] } }
    let writer = CheckedCells(schema: schema, report: report)
    let names = rows.columns.map(\.name)
    return try await writer.insert(cells, into: table, columns, called: names) ? table : nil
  }

  /// A numeric with a scale would round what is expected until it is equal.
  private func exactType(_ type: ColumnType) -> String {
    type.isNumeric ? "numeric" : type.sqlName
  }

  private func foundTable(
    _ frame: Frame, _ names: [String], _ order: RowOrder
  ) async throws -> QualifiedName {
    let listed = names.compactMap { shape.schema[$0] }
    let keys = order == .key ? shape.key.compactMap { shape.schema[$0] } : []
    let fields = listed + keys
    var loaded = Frame(
      schema: Schema([Field("place", .int8)]),
      columns: [Column(type: .int8, values: .int64((0..<frame.rowCount).map(Int64.init)))],
      rowCount: frame.rowCount)
    var columns = [TestSchema.Column(name: "place", type: "bigint")]
    for (place, field) in fields.enumerated() {
      let column = try frame.column(field.name)
      let name = RowComparison.column(place)
      loaded = loaded.setting(Field(name, field.type), to: column)
      columns.append(TestSchema.Column(name: name, type: field.type.sqlName))
    }
    let table = try await schema.makeTable("\(stage.prefix(40)) found", columns)
    try await schema.connection.copyIn(loaded, into: table)
    if !keys.isEmpty {
      let sorted = keys.indices.map { place in
        RowComparison.column(listed.count + place)
          + (keys[place].type == .text ? " COLLATE \"C\"" : "")
      }.joined(separator: ", ")
      let sql = try table.sql
      try await schema.connection.execute(
        """
        UPDATE \(sql) t SET place = s.n
        FROM (SELECT ctid AS row, row_number() OVER (ORDER BY \(sorted)) AS n FROM \(sql)) s
        WHERE t.ctid = s.row
        """)
    }
    return table
  }
}
