import Cryptography
import Frames

/// Decides by a keyed hash who is held out of a campaign: the same from night to night.
struct Holdout: Sendable {
  private let key: [UInt8]
  /// Between 0 and 1.
  private let share: Double

  init(key: String, share: Double) {
    self.key = Array(key.utf8)
    self.share = share
  }

  /// Whether HMAC-SHA256(key, campaign ‖ entity), its first eight bytes read as a big-endian
  /// fraction of 2^64, lies below the share.
  func holdsOut(_ entity: String, from campaign: String) -> Bool {
    let digest = HMAC.sha256(key: key, message: Array((campaign + entity).utf8))
    let head = digest.prefix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    return Double(head) < share * 0x1p64
  }
}
