import PostgresClient

/// A session with the state database whose locks and commits can be relied upon.
package enum StateSession {
  /// The server notices within seconds that the other side is gone, even where it has something to send, and
  /// lets locks go. A process that is suspended in the midst of a transaction, where we never wait for
  /// anything else, loses its session.
  package static let guards = [
    "tcp_user_timeout": "10000", "idle_in_transaction_session_timeout": "30000",
    "lock_timeout": "60000",
    "statement_timeout": "0",
  ]
  /// The statement that brings the usual limit back; RESET would take it away.
  package static let usualLockTimeout = "SET lock_timeout TO 60000"
  package static let settings = guards.merging(["synchronous_commit": "on"]) { $1 }

  /// Connects, and brings the schema up to date.
  /// - Throws: `StateError.pooled` behind a transaction pooler.
  package static func open(_ database: ConnectionString) async throws -> PostgresConnection {
    // At the same time, since connecting is most of what a short command waits for.
    // Settings come last: behind a pooler they would stay with somebody else.
    async let second = PostgresConnection.connect(
      to: database, options: ConnectionOptions(scope: .transaction))
    let connection = try await PostgresConnection.connect(
      to: database,
      options: ConnectionOptions(keepalives: .quick, settings: settings, scope: .transaction))
    do {
      try await requireDirect(connection, other: try await second)
      try await connection.keepSettings()
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
