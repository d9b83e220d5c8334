import Frames
import PipelineFiles
import PostgresClient

@testable import Runs
@testable import Scheduling
@testable import State

/// Makes runs that do nothing, with the locks, rows and claims of real ones.
struct LedgerRuns: RunMaker {
  let database: ConnectionString
  /// Called between the beginning and the end of each, with its number; false lets its process die.
  let during: @Sendable (WantedRun, Int) async -> Bool
  private let ending = RunState.succeeded
  private let sessions = Sessions()

  init(
    database: ConnectionString,
    during: @escaping @Sendable (WantedRun, Int) async -> Bool = { _, _ in true }
  ) {
    self.database = database
    self.during = during
  }

  /// Sessions to be used again: to make one takes longer than a run.
  private actor Sessions {
    private var free: [PostgresConnection] = []

    func take(_ database: ConnectionString) async throws -> PostgresConnection {
      if let session = free.popLast() { return session }
      return try await PostgresConnection.connect(to: database)
    }

    /// Takes it back without its locks, unless it is closed.
    func give(_ session: PostgresConnection) async {
      let isUsable = await Task.detached {
        (try? await session.query("SELECT pg_advisory_unlock_all()")) != nil
      }.value
      if isUsable { free.append(session) }
    }
  }

  func make(_ run: WantedRun) async -> MadeRun {
    do {
      return try await make(run, claim: run.claim)
    } catch RunError.notClaimed {
      return .notClaimed
    } catch {
      return .notBegun(Obstacle(kind: .other, text: "\(error)"))
    }
  }

  /// - Parameter claim: nil for a run by hand.
  func make(_ run: WantedRun, claim: RunClaim?) async throws -> MadeRun {
    let connection = try await sessions.take(database)
    let lock = RunLock(pipeline: run.pipeline.name, environment: "", asOf: run.asOf)
    do {
      let made = try await make(run, claim, lock, connection)
      await sessions.give(connection)
      return made
    } catch {
      await sessions.give(connection)
      throw error
    }
  }

  private func make(
    _ run: WantedRun, _ claim: RunClaim?, _ lock: RunLock, _ connection: PostgresConnection
  ) async throws -> MadeRun {
    guard try await lock.take(on: connection) else { return .locked }
    let id = try await connection.transaction { database in
      let id = try database.query(
        """
        INSERT INTO roost.runs (pipeline, environment, as_of, state, publishes)
        VALUES ($1, '', $2, 'running', true) RETURNING run_id
        """, [.text(lock.pipeline), .instant(lock.asOf)])[0].int("run_id")
      try claim?.take(run: id, lock, database)
      return id
    }
    guard await during(run, id) else {
      await connection.close()
      return .ended(RunOutcome(run: id, state: .lost, error: nil))
    }
    let state = Task.isCancelled ? RunState.cancelled : ending
    try await Task.detached {
      try await connection.transaction { database in
        try database.execute(
          "UPDATE roost.runs SET state = $2, finished_at = clock_timestamp() WHERE run_id = $1",
          [Parameter(id), .text(state.rawValue)])
        try AlertOutbox.insert(endOf: id, database)
      }
    }.value
    return .ended(RunOutcome(run: id, state: state, error: nil))
  }
}
