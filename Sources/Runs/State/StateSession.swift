import PostgresClient

/// A session with the state database whose locks and commits can be relied upon.
enum StateSession {
  /// The server, too, notices within seconds that the other side is gone, and lets locks go.
  static let settings = [
    "synchronous_commit": "on", "tcp_keepalives_idle": "4", "tcp_keepalives_interval": "2",
    "tcp_keepalives_count": "3",
  ]

  /// Connects, and brings the schema up to date.
  /// - Throws: `RunError.pooled` behind a transaction pooler.
  static func open(_ database: ConnectionString) async throws -> PostgresConnection {
    // At the same time, since connecting is most of what a short command waits for.
    async let second = PostgresConnection.connect(to: database)
    let connection = try await PostgresConnection.connect(
      to: database, options: ConnectionOptions(keepalives: .quick, settings: settings))
    do {
      try await requireDirect(connection, other: try await second)
      try await StateSchema.migrate(connection)
    } catch {
      await connection.close()
      throw error
    }
    return connection
  }

  private static func requireDirect(
    _ connection: PostgresConnection, other: PostgresConnection
  ) async throws {
    do {
      try await DirectSession.require(connection, other: other)
    } catch {
      await other.close()
      throw error
    }
    await other.close()
  }
}
