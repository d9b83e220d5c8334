import CCrypto

/// Keyed hashes by libcrypto.
public enum HMAC {
  /// HMAC-SHA256 (RFC 2104, FIPS 180-4) of a message: 32 bytes.
  public static func sha256(key: [UInt8], message: [UInt8]) -> [UInt8] {
    var digest = [UInt8](repeating: 0, count: 32)
    var length: UInt32 = 0
    // An empty array may have no address, and a null key would reuse an earlier one.
    let key = key.isEmpty ? [0] : key
    _ = CCrypto.HMAC(
      EVP_sha256(), key, Int32(key.count), message, message.count, &digest, &length)
    return digest
  }
}
