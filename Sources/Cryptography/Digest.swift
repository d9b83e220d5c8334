import CCrypto

/// Digests by libcrypto.
public enum Digest {
  /// SHA-256 (FIPS 180-4) of a message: 32 bytes.
  /// - Throws: `CryptographyError`.
  public static func sha256(_ message: [UInt8]) throws(CryptographyError) -> [UInt8] {
    var digest = [UInt8](repeating: 0, count: 32)
    guard EVP_Digest(message, message.count, &digest, nil, EVP_sha256(), nil) == 1 else {
      throw CryptographyError("make a SHA-256 digest")
    }
    return digest
  }
}

/// Random bytes that nobody can foresee.
public enum RandomBytes {
  /// - Throws: `CryptographyError`.
  public static func make(_ count: Int) throws(CryptographyError) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    guard RAND_bytes(&bytes, Int32(count)) == 1 else {
      throw CryptographyError("make random bytes")
    }
    return bytes
  }
}

extension [UInt8] {
  /// Two hexadecimal digits a byte.
  public var hexadecimal: String {
    let digits = [UInt8]("0123456789abcdef".utf8)
    return String(
      decoding: flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
  }
}
