import PipelineFiles
import PostgresClient
import State
import Threads

/// What ends a run's work before it is done.
extension RunSession {
  /// Does the run's work, and cancels it at once when the session ends: the run's lock is gone then.
  /// - Parameter limits: what else ends it.
  /// - Throws: `RunError.lostSession`, what the limits say, and what the work throws.
  func guarding<Value: Sendable>(
    _ limits: RunLimits, _ work: @escaping @Sendable () async throws -> Value
  ) async throws -> Value {
    let (connection, run) = (connection, run)
    return try await withThrowingTaskGroup(of: Value.self) { group in
      group.addTask(executorPreference: WorkerPool.shared) { try await work() }
      group.addTask(executorPreference: globalConcurrentExecutor) {
        var rounds = 0
        while await connection.isAlive() {
          if rounds % 5 == 4 { try await Self.checkWish(run, connection) }
          rounds += 1
          try await Task.sleep(for: .milliseconds(200))
        }
        throw RunError.lostSession(connection.location)
      }
      group.addTask(executorPreference: globalConcurrentExecutor) {
        // Memory is taken fast: what is noticed late, the kernel ends.
        while true {
          try limits.check()
          try await Task.sleep(for: .milliseconds(20))
        }
      }
      defer { group.cancelAll() }
      guard let value = try await group.next() else { throw CancellationError() }
      return value
    }
  }

  /// Publishes, and stops at once when the run's time is up or somebody asks that it end. What has become
  /// visible by then stays, and counts.
  /// - Parameters:
  ///   - limits: what else ends it.
  ///   - database: the state, asked over a connection of its own, since the session's own is at work.
  func publishing<Value: Sendable>(
    _ limits: RunLimits, asking database: ConnectionString,
    _ work: @escaping @Sendable () async throws -> Value
  ) async throws -> Value {
    let run = run
    return try await withThrowingTaskGroup(of: Value.self) { group in
      group.addTask { try await work() }
      group.addTask {
        while true {
          try limits.check()
          try await Task.sleep(for: .milliseconds(100))
        }
      }
      group.addTask { try await Self.waitForWish(run, in: database) }
      do {
        defer { group.cancelAll() }
        guard let value = try await group.next() else { throw CancellationError() }
        return value
      } catch {
        while let result = await group.nextResult() {
          if case .success(let value) = result { return value }
        }
        throw error
      }
    }
  }

  /// Most publications are done before this asks for the first time.
  /// - Throws: `RunError.cancelRequested`, `CancellationError`.
  private static func waitForWish<Value>(
    _ run: Int, in database: ConnectionString
  ) async throws -> Value {
    while true {
      try await Task.sleep(for: .seconds(1))
      // Where there is no connection to be had, the run goes on and cannot be asked to end.
      guard let connection = try? await PostgresConnection.connect(to: database) else { continue }
      do {
        while true {
          try await checkWish(run, connection)
          try await Task.sleep(for: .seconds(1))
        }
      } catch {
        await connection.close()
        if !(error is PostgresError) { throw error }
      }
    }
  }
}
