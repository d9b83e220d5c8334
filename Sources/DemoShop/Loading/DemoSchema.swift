import PostgresClient

/// A schema that the demo owns. It carries a mark in its comment: a schema of the same name without
/// the mark is somebody's real data, and is never touched.
struct DemoSchema: Sendable {
  let name: String
  let about: String
  let tables: [TableDefinition]

  static let shop = DemoSchema(
    name: "shop", about: "an online shop that does not exist",
    tables: [
      ShopTables.users.definition, ShopTables.products.definition, ShopTables.orders.definition,
      ShopTables.orderLines.definition, ShopTables.events.definition,
      ShopTables.reviews.definition, ShopTables.complaints.definition,
      ShopTables.campaigns.definition, ShopTables.sends.definition, ShopTables.follows.definition,
    ])
  static let truth = DemoSchema(
    name: "shop_truth", about: "what is true of the shop and no pipeline may read",
    tables: [TruthTables.users.definition])
  static let cdnow = DemoSchema(
    name: "cdnow", about: "real purchases at the web shop CDNOW, 1997 and 1998",
    tables: [CDNOWTables.orders.definition, CDNOWTables.customers.definition])

  /// How the comment on a schema of ours begins.
  static let mark = "Roost demo data: "

  /// Drops the schema if it is ours and makes it again with empty tables.
  ///
  /// Nothing is dropped by cascade: what others made to depend on the tables, or put beside them, is
  /// theirs, and Postgres's error names it.
  /// - Throws: `DemoError.foreignSchema`; `PostgresError`.
  func replace(provenance: String, on database: isolated PostgresConnection) throws {
    let found = try database.query(
      "SELECT obj_description(oid, 'pg_namespace') AS comment FROM pg_namespace WHERE nspname = $1",
      [.text(name)])
    if let row = found.first {
      guard try row.optionalString("comment")?.hasPrefix(Self.mark) == true else {
        throw DemoError.foreignSchema(name, location: database.location)
      }
      // A view may stand in a table's place; then Postgres's error says so.
      let names = try tables.map { try $0.sqlName(in: self) }.joined(separator: ", ")
      try database.execute("DROP TABLE IF EXISTS \(names)")
      try database.execute("DROP SCHEMA \(try SQL.identifier(name))")
    }
    try database.execute("CREATE SCHEMA \(try SQL.identifier(name))")
    let comment = try SQL.literal("\(Self.mark)\(about). \(provenance)")
    try database.execute("COMMENT ON SCHEMA \(try SQL.identifier(name)) IS \(comment)")
    for table in tables { try database.execute(script: try table.creation(in: self)) }
  }

  /// Adds keys and indexes, which are faster made over what is there, and statistics.
  func finish(on database: isolated PostgresConnection) throws {
    for table in tables { try database.execute(script: try table.completion(in: self)) }
  }
}

extension TableDefinition {
  func sqlName(in schema: DemoSchema) throws(PostgresError) -> String {
    try QualifiedName(schema: schema.name, name: name).sql
  }

  /// The statements that make the table, with its comments.
  func creation(in demoSchema: DemoSchema) throws(PostgresError) -> String {
    let table = try sqlName(in: demoSchema)
    var columns: [String] = []
    var comments = "COMMENT ON TABLE \(table) IS \(try SQL.literal(about));\n"
    for field in schema.fields {
      let column = try SQL.identifier(field.name)
      columns.append("  \(column) \(field.type.sqlName)\(field.isNullable ? "" : " NOT NULL")")
      if let about = field.about {
        comments += "COMMENT ON COLUMN \(table).\(column) IS \(try SQL.literal(about));\n"
      }
    }
    return "CREATE TABLE \(table) (\n\(columns.joined(separator: ",\n"))\n);\n\(comments)"
  }

  func completion(in demoSchema: DemoSchema) throws(PostgresError) -> String {
    let table = try sqlName(in: demoSchema)
    var statements = ""
    if !key.isEmpty {
      let columns = try SQL.identifiers(key)
      statements += "ALTER TABLE \(table) ADD PRIMARY KEY (\(columns));\n"
    }
    for column in index {
      statements += "CREATE INDEX ON \(table) (\(try SQL.identifier(column)));\n"
    }
    return statements + "ANALYZE \(table);\n"
  }
}

extension SQL {
  fileprivate static func identifiers(_ names: [String]) throws(PostgresError) -> String {
    var quoted: [String] = []
    for name in names { quoted.append(try identifier(name)) }
    return quoted.joined(separator: ", ")
  }
}
