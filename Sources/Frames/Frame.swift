/// A typed columnar table in memory. A value: kernels make new frames and share unchanged columns.
public struct Frame: Sendable {
  public let schema: Schema
  /// As many as the schema has fields, each with `rowCount` values.
  public let columns: [Column]
  public let rowCount: Int

  public init(schema: Schema, columns: [Column], rowCount: Int) {
    precondition(
      schema.fields.count == columns.count && columns.allSatisfy { $0.count == rowCount },
      "a frame's columns must fit its schema and have one length")
    self.schema = schema
    self.columns = columns
    self.rowCount = rowCount
  }

  public subscript(name: String) -> Column? { schema.index(of: name).map { columns[$0] } }

  /// The frame with a column replaced or, where the name is new, added at the end.
  public func setting(_ field: Field, to column: Column) -> Frame {
    var schema = schema
    var columns = columns
    if let place = schema.index(of: field.name) {
      columns[place] = column
    } else {
      columns.append(column)
    }
    schema.set(field)
    return Frame(schema: schema, columns: columns, rowCount: rowCount)
  }

  /// The frame with only these columns, in this order; names that it does not have are left out.
  public func selecting(_ names: [String]) -> Frame {
    let places = names.compactMap(schema.index)
    return Frame(
      schema: Schema(places.map { schema.fields[$0] }), columns: places.map { columns[$0] },
      rowCount: rowCount)
  }
}
