import Cryptography
import Frames
import Glibc

/// A frame in a file: a short header, then the buffers of each column in blocks that are authenticated
/// one by one, so that some columns can be read without the others.
public final class FrameFile: Sendable {
  public let path: String
  public let schema: Schema
  public let rowCount: Int
  /// What the writer wanted to be known of the frame.
  public let notes: [String: String]
  /// Bytes of the whole file.
  public let size: Int

  let header: FrameHeader
  let layout: FrameLayout
  let file: OpenFile
  private let prefix: FramePrefix
  private let key: FrameKey?
  /// The header's tag, to which every block is bound.
  let tag: [UInt8]

  /// Opens a file and checks its header and its length. Its values are checked when they are read.
  /// - Parameter key: the key of an encrypted file; nil for one that must not be encrypted.
  /// - Throws: `FrameFileError`.
  public init(_ path: String, key: FrameKey? = nil) throws(FrameFileError) {
    self.path = path
    self.key = key
    file = try OpenFile(path, flags: O_RDONLY)
    size = try file.size
    prefix = try FramePrefix(try file.read(FramePrefix.size, at: 0), path: path)
    switch (prefix.keyID, key) {
    case (nil, nil): break
    case (nil, _?): throw FrameFileError(path, .notEncrypted)
    case (let found?, _):
      guard found == key?.idBytes else {
        throw FrameFileError(path, .wrongKey(found: found.hexadecimal, given: key?.id))
      }
    }
    let end = FramePrefix.size + prefix.headerSize + FrameLayout.tagSize
    guard end <= size else { throw FrameFileError(path, .length(found: size, expected: end)) }
    let stored = try file.read(prefix.headerSize, at: FramePrefix.size)
    tag = try file.read(FrameLayout.tagSize, at: FramePrefix.size + prefix.headerSize)
    guard stored.count == prefix.headerSize, tag.count == FrameLayout.tagSize else {
      throw FrameFileError(path, .length(found: size, expected: end))
    }
    let cipher = try BlockCipher(prefix, key: key, .open, path: path)
    let plain = try Self.opened(stored, tag, prefix, cipher, path)
    guard let header = FrameHeader(plain) else {
      throw FrameFileError(path, .altered("its header"))
    }
    self.header = header
    layout = FrameLayout(header, headerSize: prefix.headerSize)
    guard layout.fileSize == size else {
      throw FrameFileError(path, .length(found: size, expected: layout.fileSize))
    }
    schema = header.schema
    rowCount = header.rows
    notes = header.notes
  }

  private static func opened(
    _ stored: [UInt8], _ tag: [UInt8], _ prefix: FramePrefix, _ cipher: BlockCipher, _ path: String
  ) throws(FrameFileError) -> [UInt8] {
    let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: 2 * stored.count, alignment: 1)
    defer { memory.deallocate() }
    memory.copyBytes(from: stored)
    let block = UnsafeRawBufferPointer(rebasing: memory[..<stored.count])
    let target = UnsafeMutableRawBufferPointer(rebasing: memory[stored.count...])
    guard
      try cipher.open(block, number: 0, context: prefix.bytes, tag: tag, into: target)
    else { throw FrameFileError(path, .altered("its header")) }
    return cipher.isEncrypted ? Array(target) : stored
  }

  func cipher() throws(FrameFileError) -> BlockCipher {
    try BlockCipher(prefix, key: key, .open, path: path)
  }

  /// Reads the frame, or some of its columns in the order asked for. Blocks the thread while it works;
  /// several threads share the columns.
  /// - Parameter names: columns to read; nil for all.
  /// - Throws: `FrameFileError`.
  public func read(columns names: [String]? = nil, threads: Int = 2) throws -> Frame {
    let missing = (names ?? []).filter { schema[$0] == nil }
    guard missing.isEmpty else {
      throw FrameFileError(path, .columns("there is no \(missing.joined(separator: ", "))"))
    }
    return try FrameAssembly([.file(self)], columns: names, threads: threads).frame()
  }
}
