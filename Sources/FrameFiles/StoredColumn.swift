import Cryptography
import Frames

/// A column in a file. For one thread at a time.
struct StoredColumn {
  private let file: FrameFile
  let header: ColumnHeader
  private let blocks: [FrameLayout.Block]
  private let cipher: BlockCipher

  init(_ file: FrameFile, _ place: Int) throws(FrameFileError) {
    self.file = file
    header = file.header.columns[place]
    blocks = file.layout.columns[place]
    cipher = try file.cipher()
  }

  var rows: Int { file.rowCount }

  private var altered: FrameFileError {
    FrameFileError(file.path, .altered("column '\(header.name)'"))
  }

  /// Reads a section into memory of its size, and checks it.
  func read(
    _ section: FrameLayout.Section, into target: UnsafeMutableRawBufferPointer
  ) throws(FrameFileError) {
    let scratch = UnsafeMutableRawBufferPointer.allocate(
      byteCount: cipher.isEncrypted ? FrameLayout.blockSize : 0, alignment: 16)
    defer { scratch.deallocate() }
    for block in blocks where block.section == section {
      let place = UnsafeMutableRawBufferPointer(rebasing: target[block.range])
      let stored =
        cipher.isEncrypted
        ? UnsafeMutableRawBufferPointer(rebasing: scratch[..<place.count]) : place
      let found = try file.file.read(into: stored, at: block.offset)
      let tag = try file.file.read(FrameLayout.tagSize, at: block.offset + block.range.count)
      guard found == block.range.count, tag.count == FrameLayout.tagSize else {
        // It had its full length when it was opened.
        throw FrameFileError(
          file.path, .length(found: try file.file.size, expected: file.layout.fileSize))
      }
      guard
        try cipher.open(
          UnsafeRawBufferPointer(stored), number: block.number, context: file.tag, tag: tag,
          into: place)
      else { throw altered }
    }
  }

  func bytes(_ section: FrameLayout.Section) throws -> [UInt8] {
    try array(section, of: UInt8.self)
  }

  private func array<Value: BitwiseCopyable>(
    _ section: FrameLayout.Section, of type: Value.Type
  ) throws -> [Value] {
    let size = blocks.reduce(0) { $1.section == section ? max($0, $1.range.upperBound) : $0 }
    let count = size / MemoryLayout<Value>.stride
    return try Array(unsafeUninitializedCapacity: count) { memory, initialized in
      try read(section, into: UnsafeMutableRawBufferPointer(memory))
      initialized = count
    }
  }

  /// The texts, whose places are checked, so that even a file that was forged cannot lead astray.
  func dictionary() throws -> TextDictionary {
    let offsets = try array(.offsets, of: Int.self)
    let bytes = try bytes(.texts)
    guard offsets.first == 0, offsets.last == bytes.count,
      !zip(offsets, offsets.dropFirst()).contains(where: { $0 > $1 })
    else { throw altered }
    return TextDictionary(bytes: bytes, offsets: offsets)
  }

  func check(_ codes: ArraySlice<Int32>, in dictionary: TextDictionary) throws(FrameFileError) {
    let count = UInt32(dictionary.count)
    let isSound = codes.withUnsafeBufferPointer { codes in
      var highest: UInt32 = 0
      for code in codes { highest = max(highest, UInt32(bitPattern: code)) }
      return codes.isEmpty || highest < count
    }
    if !isSound { throw altered }
  }
}
