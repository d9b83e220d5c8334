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

  /// Connects only to ask: nothing is written, and what an older roost made stays as it is.
  /// - Returns: nil where nothing ever ran here.
  /// - Throws: `StateError.newer`, `StateError.older`, `PostgresError`.
  public static func openToAsk(_ database: ConnectionString) async throws -> StateDatabase? {
    let connection = try await PostgresConnection.connect(to: database)
    do {
      if try await StateSchema.isReadable(connection) {
        return StateDatabase(connection: connection)
      }
    } catch {
      await connection.close()
      throw error
    }
    await connection.close()
    return nil
  }

  /// Runs whose process is gone and whose rows do not say so yet. Only looks.
  package func lost() async throws -> [Int] { try await RunLock.lost(on: connection) }

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
