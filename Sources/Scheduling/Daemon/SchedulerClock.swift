import Foundation
import Frames

/// Where a scheduler gets its time from.
public protocol SchedulerClock: Sendable {
  var now: Instant { get }
  /// Returns at an instant, or sooner; throws when the task is cancelled.
  func sleep(until instant: Instant) async throws
}

/// The clock of this machine.
public struct SystemClock: SchedulerClock {
  public init() {}

  public var now: Instant {
    Instant(
      microseconds: Int64((Date().timeIntervalSince1970 - Double(Instant.unixOffset)) * 1_000_000))
  }

  public func sleep(until instant: Instant) async throws {
    // In short steps: clocks are set, and machines sleep.
    let rest = min(instant.microseconds - now.microseconds, 60_000_000)
    if rest > 0 { try await Task.sleep(for: .microseconds(rest)) }
  }
}
