import PostgresClient
import State

/// Schemas and grants of what readers see. What stands is left alone, so that publishing takes no right
/// and no lock for it.
struct Readers {
  /// The role that may read; nil where nobody is granted anything.
  let role: String?

  /// Lets the role read tables or views of a schema.
  func grant(
    _ relations: [QualifiedName], in schema: String, _ database: isolated PostgresConnection
  ) throws {
    guard let role else { return }
    let schema = try SQL.identifier(schema)
    try grant(
      "USAGE", on: "SCHEMA \(schema)", to: role,
      unless: "SELECT has_schema_privilege($1, $2::regnamespace, 'USAGE') AS is_granted",
      [.text(role), .text(schema)], database)
    for relation in relations {
      try grant(
        "SELECT", on: try relation.sql, to: role,
        unless: "SELECT has_table_privilege($1, $2, 'SELECT') AS is_granted",
        [.text(role), .text(try relation.sql)], database)
    }
  }

  /// Of a privilege that is not one's own to give, Postgres says in a warning only that it gave nothing.
  private func grant(
    _ privilege: String, on thing: String, to role: String, unless question: String,
    _ parameters: [Parameter], _ database: isolated PostgresConnection
  ) throws {
    if try database.query(question, parameters).first?.bool("is_granted") == true { return }
    try database.execute("GRANT \(privilege) ON \(thing) TO \(try SQL.identifier(role))")
    guard try database.query(question, parameters).first?.bool("is_granted") == true else {
      throw TableError.notGranted(privilege, on: thing, to: role)
    }
  }
}
