import Frames

/// A table of the demo shop, said once: its definition in SQL, its comments, and how rows become
/// columns.
struct Table<Row>: Sendable {
  let definition: TableDefinition
  private let appends: [@Sendable (inout ColumnBuilder, Row) -> Void]

  init(_ name: String, _ about: String, key: [String], index: [String] = [], _ columns: [Column]) {
    definition = TableDefinition(
      name: name, about: about, schema: Schema(columns.map(\.field)), key: key, index: index)
    appends = columns.map(\.append)
  }

  func frame(_ rows: [Row]) -> Frame {
    var columns: [Frames.Column] = []
    for (field, append) in zip(definition.schema.fields, appends) {
      var builder = ColumnBuilder(type: field.type, capacity: rows.count)
      for row in rows { append(&builder, row) }
      columns.append(builder.build())
    }
    return Frame(schema: definition.schema, columns: columns, rowCount: rows.count)
  }

  /// A column and where its value comes from.
  struct Column: Sendable {
    let field: Field
    let append: @Sendable (inout ColumnBuilder, Row) -> Void

    private init(_ field: Field, _ append: @escaping @Sendable (inout ColumnBuilder, Row) -> Void) {
      self.field = field
      self.append = append
    }

    static func int(
      _ name: String, _ type: ColumnType, _ about: String,
      _ value: @escaping @Sendable (Row) -> Int64
    ) -> Column {
      Column(Field(name, type, isNullable: false, about: about)) { $0.append(value($1)) }
    }

    static func optionalInt(
      _ name: String, _ type: ColumnType, _ about: String,
      _ value: @escaping @Sendable (Row) -> Int64?
    ) -> Column {
      Column(Field(name, type, about: about)) {
        if let value = value($1) { $0.append(value) } else { $0.appendNull() }
      }
    }

    static func text(
      _ name: String, _ about: String, isPersonal: Bool = false,
      _ value: @escaping @Sendable (Row) -> String
    ) -> Column {
      Column(Field(name, .text, isNullable: false, isPersonal: isPersonal, about: about)) {
        $0.append(value($1))
      }
    }

    static func optionalText(
      _ name: String, _ about: String, _ value: @escaping @Sendable (Row) -> String?
    ) -> Column {
      Column(Field(name, .text, about: about)) {
        if let value = value($1) { $0.append(value) } else { $0.appendNull() }
      }
    }

    static func bool(
      _ name: String, _ about: String, _ value: @escaping @Sendable (Row) -> Bool
    ) -> Column {
      Column(Field(name, .bool, isNullable: false, about: about)) { $0.append(value($1)) }
    }

    static func double(
      _ name: String, _ about: String, _ value: @escaping @Sendable (Row) -> Double
    ) -> Column {
      Column(Field(name, .float8, isNullable: false, about: about)) { $0.append(value($1)) }
    }
  }
}

/// What SQL needs to know of a table.
struct TableDefinition: Sendable {
  let name: String
  let about: String
  let schema: Frames.Schema
  /// The primary key; empty where dirt breaks it.
  let key: [String]
  /// Columns with a plain index of their own.
  let index: [String]
}
