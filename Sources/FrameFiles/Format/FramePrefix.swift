import Cryptography

#if _endian(big)
  #error("Frame files hold numbers as little-endian machines do")
#endif

/// The first bytes of a frame file, of a fixed size: what it is, and how the rest is protected.
struct FramePrefix {
  static let version = 1
  static let size = 48
  static let saltSize = 16
  /// A byte that is no ASCII and line ends, so that whatever takes it for a text is found out.
  private static let magic: [UInt8] = [0x89] + Array("ROOST".utf8) + [0x0d, 0x0a]

  /// The id of the key; nil where the file is not encrypted.
  let keyID: [UInt8]?
  /// Makes the file's own key of the project's; zeros where there is none.
  let salt: [UInt8]
  /// Bytes of the header, without its tag.
  let headerSize: Int
  /// As it is stored. All of it is authenticated with the header.
  let bytes: [UInt8]

  init(key: FrameKey?, headerSize: Int) throws(CryptographyError) {
    keyID = key?.idBytes
    salt =
      key == nil
      ? Array(repeating: 0, count: Self.saltSize) : try RandomBytes.make(Self.saltSize)
    self.headerSize = headerSize
    func number(_ value: Int, size: Int) -> [UInt8] {
      (0..<size).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }
    bytes =
      Self.magic + number(Self.version, size: 2) + number(key == nil ? 0 : 1, size: 2)
      + number(headerSize, size: 4) + (keyID ?? Array(repeating: 0, count: FrameKey.idSize))
      + Array(repeating: 0, count: 8) + salt
  }

  /// - Throws: `FrameFileError`.
  init(_ bytes: [UInt8], path: String) throws(FrameFileError) {
    guard bytes.count >= Self.magic.count, bytes.starts(with: Self.magic) else {
      throw FrameFileError(path, .foreign)
    }
    guard bytes.count == Self.size else {
      throw FrameFileError(path, .length(found: bytes.count, expected: Self.size))
    }
    func number(_ range: Range<Int>) -> Int {
      range.reversed().reduce(0) { $0 << 8 | Int(bytes[$1]) }
    }
    let version = number(8..<10)
    guard version == Self.version else { throw FrameFileError(path, .version(found: version)) }
    let protection = number(10..<12)
    guard protection <= 1 else { throw FrameFileError(path, .altered("its first bytes")) }
    headerSize = number(12..<16)
    keyID = protection == 1 ? Array(bytes[16..<24]) : nil
    salt = Array(bytes[32..<48])
    self.bytes = bytes
  }
}
