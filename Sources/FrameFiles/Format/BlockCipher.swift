import Cryptography

/// Protects the blocks of one file. Those of a file that is not encrypted have a tag all the same,
/// under a key that everybody knows: it finds what was damaged, and costs next to nothing.
struct BlockCipher {
  private let cipher: AuthenticatedCipher
  let isEncrypted: Bool
  private let path: String

  init(
    _ prefix: FramePrefix, key: FrameKey?, _ direction: AuthenticatedCipher.Direction, path: String
  ) throws(FrameFileError) {
    isEncrypted = prefix.keyID != nil
    self.path = path
    let bytes =
      key.map { $0.derived(for: prefix.salt) }
      ?? Array(repeating: 0, count: AuthenticatedCipher.keySize)
    do {
      cipher = try AuthenticatedCipher(key: bytes, direction)
    } catch {
      throw FrameFileError(path, .cipher("\(error)"))
    }
  }

  /// Makes the tag of a block; where the file is encrypted, `target` takes the block as it is stored.
  /// - Parameter context: what the block belongs to, authenticated with it.
  func seal(
    _ block: UnsafeRawBufferPointer, number: UInt64, context: [UInt8],
    into target: UnsafeMutableRawBufferPointer
  ) throws(FrameFileError) -> [UInt8] {
    let nothing = UnsafeRawBufferPointer(start: nil, count: 0)
    let result = context.withUnsafeBytes { context in
      Result {
        try cipher.seal(
          isEncrypted ? block : nothing, nonce: number,
          additional: isEncrypted ? [context] : [context, block], into: target)
      }
    }
    do {
      return try result.get()
    } catch {
      throw FrameFileError(path, .cipher("\(error)"))
    }
  }

  /// Checks a block as it is stored; where the file is encrypted, `target` takes what it means.
  /// - Returns: whether it is what was written.
  func open(
    _ block: UnsafeRawBufferPointer, number: UInt64, context: [UInt8], tag: [UInt8],
    into target: UnsafeMutableRawBufferPointer
  ) throws(FrameFileError) -> Bool {
    let nothing = UnsafeRawBufferPointer(start: nil, count: 0)
    let result = context.withUnsafeBytes { context in
      Result {
        try cipher.open(
          isEncrypted ? block : nothing, nonce: number,
          additional: isEncrypted ? [context] : [context, block], tag: tag, into: target)
      }
    }
    do {
      return try result.get()
    } catch {
      throw FrameFileError(path, .cipher("\(error)"))
    }
  }
}
