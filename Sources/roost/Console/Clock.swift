import Foundation
import Frames

extension Instant {
  static var now: Instant {
    let seconds = Date().timeIntervalSince1970 - Double(unixOffset)
    return Instant(microseconds: Int64(seconds * 1_000_000))
  }
}
