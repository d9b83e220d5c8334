import PostgresClient

/// A role as operators give it to a scheduler: no superuser, and blind to what sessions of others do.
public struct OrdinaryRole: Sendable {
  public let name: String
  public let url: String
  public let connectionString: ConnectionString
}

extension TestDatabase {
  /// The name of the role that goes with a database.
  static func ordinaryRole(of database: String) -> String { "owner_of_\(database)" }

  /// Makes a role of this database's own. It may make schemas, and read and write in what the tests make
  /// there from now on; it goes with the database.
  public func makeOrdinaryRole() async throws -> OrdinaryRole {
    let role = Self.ordinaryRole(of: name)
    try await connection.execute(
      script: """
        CREATE ROLE \(role) LOGIN;
        GRANT CREATE ON DATABASE \(name) TO \(role);
        ALTER DEFAULT PRIVILEGES GRANT USAGE, CREATE ON SCHEMAS TO \(role);
        ALTER DEFAULT PRIVILEGES GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO \(role);
        ALTER DEFAULT PRIVILEGES GRANT USAGE ON SEQUENCES TO \(role);
        """)
    let url = url.replacing("user=postgres", with: "user=\(role)")
    return OrdinaryRole(name: role, url: url, connectionString: try ConnectionString(url))
  }
}
