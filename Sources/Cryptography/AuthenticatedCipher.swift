import CCrypto

/// AES-256 in Galois/Counter Mode (NIST SP 800-38D) under one key, for one thread at a time. What
/// is only authenticated and not encrypted goes through at the speed of memory, nearly.
public final class AuthenticatedCipher {
  public static let keySize = 32
  public static let tagSize = 16
  private static let nonceSize = 12

  public enum Direction: Sendable { case seal, open }

  private let context: OpaquePointer
  private let direction: Direction

  /// - Parameter key: 32 bytes.
  /// - Throws: `CryptographyError`.
  public init(key: [UInt8], _ direction: Direction) throws(CryptographyError) {
    precondition(key.count == Self.keySize, "AES-256 takes a key of 32 bytes")
    guard let context = EVP_CIPHER_CTX_new() else {
      throw CryptographyError("make a cipher")
    }
    self.context = context
    self.direction = direction
    let isSealing: Int32 = direction == .seal ? 1 : 0
    guard EVP_CipherInit_ex(context, EVP_aes_256_gcm(), nil, key, nil, isSealing) == 1 else {
      throw CryptographyError("set up AES-256-GCM")
    }
  }

  deinit { EVP_CIPHER_CTX_free(context) }

  /// Encrypts a message.
  /// - Parameters:
  ///   - nonce: must never be used twice with one key.
  ///   - additional: authenticated with the message, and not encrypted.
  ///   - target: takes as many bytes as the message has.
  /// - Returns: the tag, 16 bytes.
  /// - Throws: `CryptographyError`.
  public func seal(
    _ message: UnsafeRawBufferPointer, nonce: UInt64, additional: [UnsafeRawBufferPointer] = [],
    into target: UnsafeMutableRawBufferPointer
  ) throws(CryptographyError) -> [UInt8] {
    var tag = [UInt8](repeating: 0, count: Self.tagSize)
    guard direction == .seal, begin(nonce, additional), update(message, into: target), finish(),
      EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, Int32(Self.tagSize), &tag) == 1
    else { throw CryptographyError("encrypt") }
    return tag
  }

  /// Decrypts a message.
  /// - Returns: false where the message, the additional bytes, the nonce or the key are not those
  ///   under which the tag was made; `target` holds nothing of use then.
  /// - Throws: `CryptographyError`.
  public func open(
    _ message: UnsafeRawBufferPointer, nonce: UInt64, additional: [UnsafeRawBufferPointer] = [],
    tag: [UInt8], into target: UnsafeMutableRawBufferPointer
  ) throws(CryptographyError) -> Bool {
    var tag = tag
    guard direction == .open, tag.count == Self.tagSize, begin(nonce, additional),
      update(message, into: target),
      EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, Int32(Self.tagSize), &tag) == 1
    else { throw CryptographyError("decrypt") }
    return finish()
  }

  private func begin(_ nonce: UInt64, _ additional: [UnsafeRawBufferPointer]) -> Bool {
    var bytes = [UInt8](repeating: 0, count: Self.nonceSize)
    for place in 0..<8 { bytes[4 + place] = UInt8(truncatingIfNeeded: nonce >> (56 - 8 * place)) }
    guard EVP_CipherInit_ex(context, nil, nil, nil, bytes, -1) == 1 else { return false }
    return additional.allSatisfy { piece in
      guard let start = piece.baseAddress, !piece.isEmpty else { return true }
      var length: Int32 = 0
      return EVP_CipherUpdate(
        context, nil, &length, start.assumingMemoryBound(to: UInt8.self), Int32(piece.count)) == 1
    }
  }

  private func update(
    _ message: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer
  ) -> Bool {
    guard !message.isEmpty else { return true }
    guard let start = message.baseAddress, let end = target.baseAddress,
      target.count >= message.count
    else { return false }
    var length: Int32 = 0
    return EVP_CipherUpdate(
      context, end.assumingMemoryBound(to: UInt8.self), &length,
      start.assumingMemoryBound(to: UInt8.self), Int32(message.count)) == 1
  }

  /// Whether the message is what it should be.
  private func finish() -> Bool {
    var rest = [UInt8](repeating: 0, count: Self.tagSize)
    var length: Int32 = 0
    return EVP_CipherFinal_ex(context, &rest, &length) == 1
  }
}
