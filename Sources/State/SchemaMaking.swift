import PostgresClient

extension PostgresConnection {
  /// Makes a schema where it is not there. What stands is left alone, so that this takes no right.
  package func makeSchema(_ name: String) throws {
    let schema = try SQL.identifier(name)
    let standing = try query(
      "SELECT to_regnamespace($1) IS NOT NULL AS is_there", [.text(schema)])
    // IF NOT EXISTS would ask for the right to make schemas even where it is there.
    if try standing.first?.bool("is_there") == true { return }
    try execute("CREATE SCHEMA \(schema)")
  }
}
