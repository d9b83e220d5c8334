import Foundation

extension Instant {
  /// What time it is by the clock of this machine.
  public static var now: Instant {
    let seconds = Date().timeIntervalSince1970 - Double(unixOffset)
    return Instant(microseconds: Int64(seconds * 1_000_000))
  }
}
