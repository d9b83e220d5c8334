import Frames
import PostgresClient

/// A session with schema `roost`, for what stands above runs.
public struct StateDatabase: Sendable {
  public let connection: PostgresConnection

  /// Connects, and brings the schema up to date.
  /// - Throws: `StateError.newer`, `PostgresError`.
  public static func open(_ database: ConnectionString) async throws -> StateDatabase {
    let connection = try await PostgresConnection.connect(
      to: database,
      options: ConnectionOptions(
        keepalives: .quick, settings: ["synchronous_commit": "on", "statement_timeout": "0"]))
    do {
      try await StateSchema.migrate(connection)
    } catch {
      await connection.close()
      throw error
    }
    return StateDatabase(connection: connection)
  }

  /// What time it is by the clock of the database, which all machines that use it share.
  public func now() async throws -> Instant {
    let rows = try await connection.query("SELECT clock_timestamp() AS now")
    guard let row = rows.first else { throw RunError.lostSession(connection.location) }
    return try row.instant("now")
  }

  /// Settles every run whose process is gone.
  public func settleLost() async throws { try await RunLock.settleLost(on: connection) }

  public func close() async { await connection.close() }
}
