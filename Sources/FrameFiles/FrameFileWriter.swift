import Cryptography
import Frames
import Threads

extension FrameFile {
  /// Writes a frame, in one piece or not at all. Equal frames and notes make equal files, unless they
  /// are encrypted. Blocks the thread while it works; several threads share the blocks.
  /// - Parameters:
  ///   - key: encrypts the file; nil for one that everybody who can open it can read.
  ///   - notes: what is to be known of the frame when it is read again.
  /// - Throws: `FrameFileError`.
  public static func write(
    _ frame: Frame, to path: String, key: FrameKey? = nil, notes: [String: String] = [:],
    threads: Int = 2
  ) throws {
    let header = FrameHeader(frame, notes: notes)
    let headerBytes = try header.bytes
    let prefix = try FramePrefix(key: key, headerSize: headerBytes.count)
    let layout = FrameLayout(header, headerSize: headerBytes.count)
    try DurableFile.replace(path) { file in
      let writer = FrameWriter(frame: frame, prefix: prefix, key: key, file: file)
      let tag = try writer.write(header: headerBytes)
      let blocks = layout.columns.enumerated().flatMap { place, blocks in
        blocks.map { (place, $0) }
      }
      try SharedWork.forEach(blocks.count, threads: threads) { take in
        var stretch = try BlockWriter(writer, context: tag)
        while let next = take() {
          let (column, block) = blocks[next]
          try stretch.write(block, of: frame.columns[column])
        }
      }
    }
  }
}

private struct FrameWriter: Sendable {
  let frame: Frame
  let prefix: FramePrefix
  let key: FrameKey?
  let file: OpenFile

  func cipher() throws -> BlockCipher {
    try BlockCipher(prefix, key: key, .seal, path: file.path)
  }

  /// - Returns: the header's tag.
  func write(header: [UInt8]) throws -> [UInt8] {
    var stored = header
    let tag = try stored.withUnsafeMutableBytes { target in
      try header.withUnsafeBytes {
        try cipher().seal($0, number: 0, context: prefix.bytes, into: target)
      }
    }
    try (prefix.bytes + stored + tag).withUnsafeBytes { try file.write($0, at: 0) }
    return tag
  }
}

/// Writes blocks on one thread.
private struct BlockWriter {
  private let cipher: BlockCipher
  private let file: OpenFile
  private let context: [UInt8]
  private var packed: [UInt8] = []
  private var stored = [UInt8](repeating: 0, count: FrameLayout.blockSize)

  init(_ writer: FrameWriter, context: [UInt8]) throws {
    cipher = try writer.cipher()
    file = writer.file
    self.context = context
  }

  mutating func write(_ block: FrameLayout.Block, of column: Column) throws {
    switch block.section {
    case .validity:
      packed = column.packedValidity(block.range)
      try packed.withUnsafeBytes { try write($0, block) }
    case .values:
      try column.values.withBytes {
        try write(UnsafeRawBufferPointer(rebasing: $0[block.range]), block)
      }
    case .offsets, .texts:
      guard case .text(_, let dictionary) = column.values else { return }
      if block.section == .offsets {
        try dictionary.offsets.withUnsafeBytes {
          try write(UnsafeRawBufferPointer(rebasing: $0[block.range]), block)
        }
      } else {
        try dictionary.bytes.withUnsafeBytes {
          try write(UnsafeRawBufferPointer(rebasing: $0[block.range]), block)
        }
      }
    }
  }

  private mutating func write(
    _ bytes: UnsafeRawBufferPointer, _ block: FrameLayout.Block
  ) throws {
    let tag = try stored.withUnsafeMutableBytes {
      try cipher.seal(bytes, number: block.number, context: context, into: $0)
    }
    if cipher.isEncrypted {
      try stored.withUnsafeBytes {
        try file.write(UnsafeRawBufferPointer(rebasing: $0[..<bytes.count]), at: block.offset)
      }
    } else {
      try file.write(bytes, at: block.offset)
    }
    try tag.withUnsafeBytes { try file.write($0, at: block.offset + bytes.count) }
  }
}

extension Column {
  /// Some bytes of the validity with a bit for each row, set where it is no null.
  fileprivate func packedValidity(_ range: Range<Int>) -> [UInt8] {
    guard let validity else { return [] }
    return validity.withUnsafeBufferPointer { validity in
      range.map { byte in
        var bits: UInt8 = 0
        for row in 8 * byte..<min(8 * byte + 8, validity.count) where validity[row] {
          bits |= 1 << UInt8(row & 7)
        }
        return bits
      }
    }
  }
}

extension ColumnValues {
  /// The values as they are in memory; of texts the codes.
  func withBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
    switch self {
    case .bool(let values): try values.withUnsafeBytes(body)
    case .int64(let values): try values.withUnsafeBytes(body)
    case .int128(let values): try values.withUnsafeBytes(body)
    case .float64(let values): try values.withUnsafeBytes(body)
    case .text(let codes, _): try codes.withUnsafeBytes(body)
    case .interval(let values): try values.withUnsafeBytes(body)
    }
  }
}
