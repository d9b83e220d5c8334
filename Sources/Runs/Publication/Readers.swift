import PostgresClient

/// Schemas and grants of what readers see. What stands is left alone, so that publishing takes no right
/// and no lock for it.
struct Readers {
  /// The role that may read; nil where nobody is granted anything.
  let role: String?

  /// Makes a schema where it is not there.
  static func makeSchema(
    _ name: String, _ database: isolated PostgresConnection
  ) throws {
    let schema = try SQL.identifier(name)
    let standing = try database.query(
      "SELECT to_regnamespace($1) IS NOT NULL AS is_there", [.text(schema)])
    // IF NOT EXISTS would ask for the right to make schemas even where it is there.
    if try standing.first?.bool("is_there") == true { return }
    try database.execute("CREATE SCHEMA \(schema)")
  }

  /// Lets the role read tables or views of a schema.
  func grant(
    _ relations: [QualifiedName], in schema: String, _ database: isolated PostgresConnection
  ) throws {
    guard let role else { return }
    let schema = try SQL.identifier(schema)
    let quoted = try SQL.identifier(role)
    let uses = try database.query(
      "SELECT has_schema_privilege($1, $2::regnamespace, 'USAGE') AS is_granted",
      [.text(role), .text(schema)])
    if try uses.first?.bool("is_granted") != true {
      try database.execute("GRANT USAGE ON SCHEMA \(schema) TO \(quoted)")
    }
    for relation in relations {
      let reads = try database.query(
        "SELECT has_table_privilege($1, $2, 'SELECT') AS is_granted",
        [.text(role), .text(try relation.sql)])
      if try reads.first?.bool("is_granted") != true {
        try database.execute("GRANT SELECT ON \(try relation.sql) TO \(quoted)")
      }
    }
  }
}
