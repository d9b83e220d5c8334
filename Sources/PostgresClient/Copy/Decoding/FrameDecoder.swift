import Frames

/// Makes a frame from the messages of `COPY … TO STDOUT (FORMAT binary)`: a header, rows, a trailer.
/// Postgres sends whole rows, one or more to a message.
///
/// Each block is gone through once for where its values lie, and then column by column.
package struct FrameDecoder {
  private let schema: Schema
  private let location: String
  private var columns: [ColumnDecoder]
  private var offsets: [Int32] = []
  private var hasHeader = false
  private var hasTrailer = false
  private(set) var rowCount = 0

  private static let signature: [UInt8] = Array("PGCOPY\n".utf8) + [0xff, 0x0d, 0x0a, 0x00]

  /// - Parameter hasCheckedText: whether the server has checked that texts are UTF-8.
  package init(
    _ schema: Schema, _ types: [HeldType], location: String, hasCheckedText: Bool = true
  ) {
    self.schema = schema
    self.location = location
    columns = zip(schema.fields, types).map {
      ColumnDecoder(name: $0.name, type: $1, hasCheckedText: hasCheckedText)
    }
  }

  /// Adds the rows of a block of whole messages, behind which `CopyBlock.padding` bytes can be read.
  package mutating func decode(_ block: UnsafeRawBufferPointer) throws(PostgresError) {
    guard let start = block.baseAddress else { return }
    var begin = 0
    if !hasHeader {
      begin = try header(block)
      hasHeader = true
    }
    let rows = try locate(start, begin, block.count)
    if let (column, failure) = append(start, rows) {
      var error = problem(failure.problem.message, column: column, row: rowCount + failure.row + 1)
      error.isOfNaN = failure.problem == .notANumber
      error.hint = failure.problem.hint(column: column)
      throw error
    }
    rowCount += rows
  }

  private mutating func append(
    _ start: UnsafeRawPointer, _ rows: Int
  ) -> (column: String, failure: ColumnDecoder.Failure)? {
    offsets.withUnsafeBufferPointer { offsets in
      guard rows > 0, let first = offsets.baseAddress else { return nil }
      let table = FieldTable(start, first, rowCount: rows, width: columns.count)
      for index in columns.indices {
        if let failure = columns[index].append(table.column(index)) {
          return (columns[index].name, failure)
        }
      }
      return nil
    }
  }

  /// Finds the values of all rows.
  /// - Returns: how many rows there are.
  private mutating func locate(
    _ start: UnsafeRawPointer, _ begin: Int, _ end: Int
  ) throws(PostgresError) -> Int {
    let width = columns.count
    var offset = begin
    var rows = 0
    while offset < end {
      guard !hasTrailer, end - offset >= 2 else { throw malformed(rows) }
      let found = Int(start.bigEndian(at: offset, as: Int16.self))
      offset += 2
      if found == -1 {
        hasTrailer = true
        continue
      }
      guard found == width else { throw malformed(rows) }
      if offsets.count < (rows + 1) * width {
        offsets += Array(repeating: 0, count: max(1024, offsets.count, width))
      }
      guard let next = Self.locateRow(start, offset, end, &offsets, rows * width, width) else {
        throw malformed(rows)
      }
      offset = next
      rows += 1
    }
    return rows
  }

  /// Finds the values of one row.
  /// - Returns: where the row ends; nil where it is not well formed.
  @inline(__always)
  private static func locateRow(
    _ start: UnsafeRawPointer, _ begin: Int, _ end: Int, _ offsets: inout [Int32], _ place: Int,
    _ width: Int
  ) -> Int? {
    offsets.withUnsafeMutableBufferPointer { offsets in
      var offset = begin
      for index in 0..<width {
        guard end &- offset >= 4 else { return nil }
        let length = Int(start.bigEndian(at: offset, as: Int32.self))
        offset &+= 4
        if length == -1 {
          offsets[place &+ index] = -1
          continue
        }
        guard length >= 0, length <= end &- offset else { return nil }
        offsets[place &+ index] = Int32(truncatingIfNeeded: offset)
        offset &+= length
      }
      return offset
    }
  }

  /// Checks the header and returns its length.
  private func header(_ message: UnsafeRawBufferPointer) throws(PostgresError) -> Int {
    let fixed = Self.signature.count + 8
    guard message.count >= fixed, let start = message.baseAddress,
      message.prefix(Self.signature.count).elementsEqual(Self.signature)
    else { throw malformed(0) }
    let flags = start.bigEndian(at: Self.signature.count, as: UInt32.self)
    let extra = Int(start.bigEndian(at: Self.signature.count + 4, as: UInt32.self))
    // The upper half of the flags marks what a reader must understand.
    guard flags >> 16 == 0, extra <= message.count - fixed else { throw malformed(0) }
    return fixed + extra
  }

  /// The rows read, whose memory the decoder gives up.
  package mutating func frame() throws(PostgresError) -> Frame {
    guard hasTrailer else { throw malformed(0) }
    var built: [Column] = []
    for index in columns.indices { built.append(columns[index].build()) }
    return Frame(schema: schema, columns: built, rowCount: rowCount)
  }

  private func problem(_ what: String, column: String, row: Int) -> PostgresError {
    var error = PostgresError(
      .data(column: column, row: row), "column \"\(column)\" has in row \(row) \(what)",
      location: location)
    error.column = column
    return error
  }

  /// - Parameter rows: rows of the block before the one that is not well formed.
  private func malformed(_ rows: Int) -> PostgresError {
    PostgresError(
      .data(column: nil, row: rowCount + rows + 1), "the data of COPY are not well formed",
      location: location)
  }
}
