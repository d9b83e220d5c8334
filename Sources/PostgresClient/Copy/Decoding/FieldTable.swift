/// Where the values of a block's rows lie.
struct FieldTable {
  let bytes: UnsafeRawPointer
  let rowCount: Int
  private let width: Int
  /// Row after row; -1 for a null.
  private let offsets: UnsafePointer<Int32>

  init(_ bytes: UnsafeRawPointer, _ offsets: UnsafePointer<Int32>, rowCount: Int, width: Int) {
    self.bytes = bytes
    self.offsets = offsets
    self.rowCount = rowCount
    self.width = width
  }

  /// The values of one column from row to row.
  func column(_ index: Int) -> FieldColumn {
    FieldColumn(bytes: bytes, offsets: offsets + index, stride: width, rowCount: rowCount)
  }
}

/// Where the values of one column of a block lie.
struct FieldColumn {
  let bytes: UnsafeRawPointer
  fileprivate let offsets: UnsafePointer<Int32>
  fileprivate let stride: Int
  let rowCount: Int

  /// The value of a row, nil where it is null.
  @inline(__always)
  subscript(row: Int) -> UnsafeRawPointer? {
    let offset = offsets[row &* stride]
    return offset < 0 ? nil : bytes + Int(offset)
  }

  /// How long a value is, which stands before it.
  @inline(__always)
  func length(of value: UnsafeRawPointer) -> Int {
    Int((value - 4).bigEndian(at: 0, as: Int32.self))
  }
}
