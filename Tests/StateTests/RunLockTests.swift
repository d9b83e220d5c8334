import Frames
import PostgresClient
import TestSupport
import Testing

@testable import State

/// The lock that says whether a run lives.
@Suite struct RunLockTests {
  private static func lock(_ day: Int64) -> RunLock {
    RunLock(
      pipeline: "nightly", environment: "dev",
      asOf: Instant(microseconds: day * 86_400_000_000))
  }

  private func begin(_ lock: RunLock, _ connection: PostgresConnection) async throws -> Int {
    try await connection.query(
      """
      INSERT INTO roost.runs (pipeline, environment, as_of, state, publishes)
      VALUES ($1, $2, $3, 'running', true) RETURNING run_id
      """, [.text(lock.pipeline), .text(lock.environment), .instant(lock.asOf)])[0].int(0)
  }

  @Test func `a run whose lock nobody holds is lost, any other is not`() async throws {
    try await withDatabase { database in
      try await StateSchema.migrate(database.connection)
      let owner = try await database.connect()
      var held: Set<Int> = []
      var all: [Int] = []
      // Enough that the halves of a key have either sign.
      for day in 0..<40 {
        let lock = Self.lock(Int64(day))
        if day % 2 == 0 { #expect(try await lock.take(on: owner)) }
        let run = try await begin(lock, owner)
        all.append(run)
        if day % 2 == 0 { held.insert(run) }
      }
      // Also the session that holds the locks sees them held.
      for connection in [database.connection, owner] {
        try await RunLock.settleLost(on: connection)
        let running = try await database.connection.query(
          "SELECT run_id FROM roost.runs WHERE state = 'running'")
        #expect(try Set(running.map { try $0.int(0) }) == held)
      }
      await owner.close()
    }
  }

  @Test func `a run that lives again is not lost with the process that it had`() async throws {
    try await withDatabase { database in
      try await StateSchema.migrate(database.connection)
      let run = try await begin(Self.lock(1), database.connection)
      func state() async throws -> String {
        try await database.connection.query("SELECT state FROM roost.runs")[0].string(0)
      }
      // Somebody goes on with it between the look and the word.
      try await database.connection.execute("UPDATE roost.runs SET token = token + 1")
      try await RunLock.markLost(run: run, token: 1, on: database.connection)
      #expect(try await state() == "running")
      try await RunLock.markLost(run: run, token: 2, on: database.connection)
      #expect(try await state() == "lost")
    }
  }

  @Test func `looking for lost runs takes no lock that a run needs`() async throws {
    try await withDatabase { database in
      try await StateSchema.migrate(database.connection)
      let lock = Self.lock(1)
      _ = try await begin(lock, database.connection)
      // Holds up the one that settles in the middle of its work.
      let holder = try await database.connect()
      try await holder.query("BEGIN")
      try await holder.query("SELECT 1 FROM roost.runs FOR UPDATE")
      let settler = try await database.connect()
      async let settled: Void = RunLock.settleLost(on: settler)
      while try await database.connection.query(
        """
        SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock'
          AND datname = current_database()
        """
      ).isEmpty { await Task.yield() }
      #expect(try await lock.take(on: database.connection))
      await holder.close()
      try await settled
      await settler.close()
    }
  }
}
