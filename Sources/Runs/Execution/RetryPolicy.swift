import Foundation
import PipelineFiles
import PostgresClient

/// When a try is followed by another, and after which pause.
struct RetryPolicy: Sendable {
  let attempts: Int
  let delay: Swift.Duration
  let longest: Swift.Duration

  init(_ settings: RetrySettings) {
    attempts = settings.attempts
    delay = settings.delay.duration
    longest = settings.longest.duration
  }

  /// The pause before the next try: exponential backoff with equal jitter, half of it certain and half
  /// of it random, so that those who failed together do not come back together.
  /// - Parameters:
  ///   - tries: how many there were, from 1.
  ///   - chance: between 0 and 1.
  func pause(after tries: Int, chance: Double = .random(in: 0...1)) -> Swift.Duration {
    let whole = min(delay / .seconds(1) * pow(2, Double(min(tries - 1, 30))), longest / .seconds(1))
    return .seconds(whole * (0.5 + 0.5 * chance))
  }

  /// Whether an error can pass by itself.
  static func canPass(_ error: any Error) -> Bool {
    guard let error = error as? PostgresError else { return error is StageTimeout }
    if error.kind == .connectionLost || error.kind == .cannotConnect {
      return error.sqlState.map { !isForGood($0) } ?? true
    }
    if error.kind == .changed { return true }
    guard error.kind == .statement, let state = error.sqlState else { return false }
    // Connection, transaction rollback, insufficient resources, operator intervention, system error
    // (PostgreSQL documentation, appendix A).
    let classes = ["08", "40", "53", "57", "58"]
    // A statement that the server cancelled for its statement_timeout would be cancelled again.
    if state == "57014" || isForGood(state) { return false }
    return classes.contains(String(state.prefix(2))) || error.isLockTimeout
  }

  /// A wrong password, an unknown database: trying again changes nothing.
  private static func isForGood(_ state: String) -> Bool {
    ["28", "3D", "42"].contains(String(state.prefix(2))) || state == "57P04"
  }
}

/// A try took longer than it may.
struct StageTimeout: Error, CustomStringConvertible {
  let limit: Elapsed

  var description: String {
    "it took longer than its timeout of \(limit); find out why, or give it more time with timeout:"
  }

  /// Does work that is cancelled when its time is up.
  /// - Throws: `StageTimeout`, and what the work throws.
  static func limiting<Value: Sendable>(
    _ limit: Elapsed?, _ work: @escaping @Sendable () async throws -> Value
  ) async throws -> Value {
    guard let limit else { return try await work() }
    return try await withThrowingTaskGroup(of: Value?.self) { group in
      group.addTask { try await work() }
      group.addTask {
        try await Task.sleep(for: limit.duration)
        return nil
      }
      defer { group.cancelAll() }
      guard let first = try await group.next(), let value = first else {
        throw StageTimeout(limit: limit)
      }
      return value
    }
  }
}
