import Foundation
import PostgresClient
import TestSupport
import Testing

@testable import State

/// A run needs a server process of its own.
@Suite struct DirectSessionTests {
  @Test func `direct sessions are accepted`() async throws {
    try await withDatabase { database in
      let other = try await database.connect()
      try await DirectSession.require(database.connection, other: other)
      // Again, as the next run would.
      try await DirectSession.require(database.connection, other: other)
      await other.close()
    }
  }

  @Test func `two sessions that one process answers are refused by name`() async throws {
    try await withDatabase { database in
      let error = await #expect(throws: StateError.self) {
        try await DirectSession.require(database.connection, other: database.connection)
      }
      #expect(error.map { "\($0)" }?.contains("is a transaction pooler") == true)
    }
  }
}
