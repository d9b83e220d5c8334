import Frames
import State

/// Where a scheduler gets its time from.
public protocol SchedulerClock: Sendable {
  var now: Instant { get }
  /// What time it is where the ledger is kept. That clock decides what is due: a machine's own may be
  /// wrong, and several machines share a ledger.
  func now(at state: StateDatabase) async throws -> Instant
  /// Returns at an instant, or sooner; throws when the task is cancelled.
  func sleep(until instant: Instant) async throws
}

extension SchedulerClock {
  public func now(at state: StateDatabase) async throws -> Instant { try await state.now() }
}

/// The clock of this machine.
public struct SystemClock: SchedulerClock {
  public init() {}

  public var now: Instant { .now }

  public func sleep(until instant: Instant) async throws {
    // In short steps: clocks are set, and machines sleep.
    let rest = min(instant.microseconds - now.microseconds, 60_000_000)
    if rest > 0 { try await Task.sleep(for: .microseconds(rest)) }
  }
}
