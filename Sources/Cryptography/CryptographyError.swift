/// The library of ciphers refused to work: it is out of memory, or lacks the cipher.
public struct CryptographyError: Error, Sendable, CustomStringConvertible {
  /// What it was asked to do.
  public let operation: String

  init(_ operation: String) { self.operation = operation }

  public var description: String {
    "libcrypto could not \(operation); is OpenSSL 3 installed with its default provider?"
  }
}
