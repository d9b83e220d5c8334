import PostgresClient
import TestSupport
import Testing

@testable import State

/// Schema `roost`: made once, and never by an older program than the one that made it.
@Suite struct StateSchemaTests {
  @Test func `sessions that come at the same time make it once`() async throws {
    try await withDatabase { database in
      try await withThrowingTaskGroup(of: Void.self) { group in
        for _ in 0..<8 {
          group.addTask {
            let connection = try await database.connect()
            try await StateSchema.migrate(connection)
            await connection.close()
          }
        }
        try await group.waitForAll()
      }
      let versions = try await database.connection.query(
        "SELECT version FROM roost.schema_version ORDER BY 1")
      #expect(try versions.map { try $0.int(0) } == Array(1...StateSchema.version))
    }
  }

  @Test func `a schema of a newer program is refused by name`() async throws {
    try await withDatabase { database in
      try await StateSchema.migrate(database.connection)
      try await database.connection.execute("INSERT INTO roost.schema_version VALUES (1000)")
      let error = await #expect(throws: StateError.self) {
        try await StateSchema.migrate(database.connection)
      }
      #expect(
        error.map { "\($0)" }
          == "schema roost has version 1000, this roost knows \(StateSchema.version); "
          + "install the newer roost")
      await #expect(throws: StateError.self) {
        _ = try await RunStore.open(database.connectionString)
      }
    }
  }
}
