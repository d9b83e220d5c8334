import Cryptography
import Frames

/// Where in a file each piece of each column is. Every section of a column is cut into blocks, each
/// followed by its tag.
struct FrameLayout: Sendable {
  /// A buffer of a column.
  enum Section: Sendable { case validity, values, offsets, texts }

  /// A stretch of a section that is authenticated as one, and can be read without any other.
  struct Block: Sendable {
    let section: Section
    /// Its bytes in the section.
    let range: Range<Int>
    /// Where it begins in the file.
    let offset: Int
    /// Counts from 1 in the order of the file; the header is 0.
    let number: UInt64
  }

  static let blockSize = 1 << 20
  static let tagSize = AuthenticatedCipher.tagSize

  /// The blocks of each column.
  let columns: [[Block]]
  let fileSize: Int

  init(_ header: FrameHeader, headerSize: Int) {
    var offset = FramePrefix.size + headerSize + Self.tagSize
    var number: UInt64 = 1
    var columns: [[Block]] = []
    for column in header.columns {
      var blocks: [Block] = []
      for (section, size) in Self.sections(column, rows: header.rows) {
        for start in stride(from: 0, to: size, by: Self.blockSize) {
          let range = start..<min(start + Self.blockSize, size)
          blocks.append(Block(section: section, range: range, offset: offset, number: number))
          offset += range.count + Self.tagSize
          number += 1
        }
      }
      columns.append(blocks)
    }
    self.columns = columns
    fileSize = offset
  }

  /// The buffers of a column with their sizes in bytes, in the order of the file.
  static func sections(_ column: ColumnHeader, rows: Int) -> [(Section, size: Int)] {
    var sections: [(Section, size: Int)] = []
    if column.hasNulls { sections.append((.validity, (rows + 7) / 8)) }
    sections.append((.values, rows * column.type.column.storage.width))
    if let texts = column.texts, let bytes = column.textBytes {
      sections.append((.offsets, (texts + 1) * MemoryLayout<Int>.size))
      sections.append((.texts, bytes))
    }
    return sections
  }
}

extension Storage {
  /// Bytes of a value.
  var width: Int {
    switch self {
    case .bool: 1
    case .text: 4
    case .int64, .float64: 8
    case .int128, .interval: 16
    }
  }
}
