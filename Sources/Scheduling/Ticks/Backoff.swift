import Frames

/// Pauses that grow by two from try to try.
struct Backoff: Sendable {
  /// In seconds.
  let first: Int
  let longest: Int

  /// The instant of the next try, after so many that failed.
  func next(after now: Instant, failures: Int) -> Instant {
    let pause = failures > 20 ? longest : min(longest, first << max(0, failures - 1))
    return Instant(microseconds: now.microseconds + Int64(pause) * 1_000_000)
  }
}
