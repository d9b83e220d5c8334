import Cryptography
import Foundation

/// The key of files that hold personal data: 32 bytes. Prints as its id, never as itself.
public struct FrameKey: Sendable, CustomStringConvertible, CustomDebugStringConvertible,
  CustomReflectable
{
  private let bytes: [UInt8]
  /// Tells keys apart without telling the key: 8 bytes.
  let idBytes: [UInt8]

  /// - Parameter bytes: 32 bytes that cannot be guessed; nil for another number.
  public init?(bytes: [UInt8]) {
    guard bytes.count == AuthenticatedCipher.keySize else { return nil }
    self.bytes = bytes
    idBytes = Array(
      HMAC.sha256(key: bytes, message: Array("roost frame key".utf8)).prefix(Self.idSize))
  }

  /// Reads a key of 64 hexadecimal digits, as `openssl rand -hex 32` makes it, or in base64.
  public init?(parsing text: String) {
    let text = text.trimmingCharacters(in: .whitespacesAndNewlines)
    if text.utf8.count == 2 * AuthenticatedCipher.keySize {
      let digits = text.compactMap(\.hexDigitValue)
      guard digits.count == text.count else { return nil }
      self.init(
        bytes: stride(from: 0, to: digits.count, by: 2).map {
          UInt8(16 * digits[$0] + digits[$0 + 1])
        })
    } else {
      guard let data = Data(base64Encoded: text) else { return nil }
      self.init(bytes: Array(data))
    }
  }

  static let idSize = 8

  /// The id in hexadecimal digits.
  public var id: String { idBytes.hexadecimal }

  /// The key of one file, so that no two files ever share a key and a nonce.
  func derived(for salt: [UInt8]) -> [UInt8] {
    HMAC.sha256(key: bytes, message: Array("roost frame file".utf8) + salt)
  }

  public var description: String { "key \(id)" }
  public var debugDescription: String { description }
  public var customMirror: Mirror { Mirror(self, children: [:]) }
}
