import CCrypto
import Glibc

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

extension Digest {
  /// One message of several parts: each with its length, so that no two lists make the same.
  public static func message(of parts: [String]) -> [UInt8] {
    Array(parts.map { "\($0.utf8.count):\($0)" }.joined().utf8)
  }

  /// SHA-256 of what is in a file, read piece by piece. Blocks the thread.
  /// - Throws: `CryptographyError`, also where the file cannot be read.
  public static func sha256(ofFile path: String) throws(CryptographyError) -> [UInt8] {
    let trouble = CryptographyError("make a SHA-256 digest of \(path)")
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { throw trouble }
    defer { close(file) }
    guard let context = EVP_MD_CTX_new() else { throw trouble }
    defer { EVP_MD_CTX_free(context) }
    guard EVP_DigestInit_ex(context, EVP_sha256(), nil) == 1 else { throw trouble }
    var piece = [UInt8](repeating: 0, count: 1 << 20)
    while true {
      let count = read(file, &piece, piece.count)
      if count < 0, errno == EINTR { continue }
      guard count >= 0, EVP_DigestUpdate(context, piece, count) == 1 else { throw trouble }
      if count == 0 { break }
    }
    var digest = [UInt8](repeating: 0, count: 32)
    guard EVP_DigestFinal_ex(context, &digest, nil) == 1 else { throw trouble }
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
