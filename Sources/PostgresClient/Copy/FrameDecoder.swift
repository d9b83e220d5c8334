import Frames

/// Makes a frame from the messages of `COPY … TO STDOUT (FORMAT binary)`: a header, rows, a trailer.
/// Postgres sends whole rows, one or more to a message.
package struct FrameDecoder {
  private let schema: Schema
  private let location: String
  private var columns: [ColumnDecoder]
  private var hasHeader = false
  private var hasTrailer = false
  private(set) var rowCount = 0

  private static let signature: [UInt8] = Array("PGCOPY\n".utf8) + [0xff, 0x0d, 0x0a, 0x00]

  package init(_ description: StatementDescription, location: String) {
    schema = description.schema
    self.location = location
    columns = zip(schema.fields, description.types).map { ColumnDecoder(name: $0.name, type: $1) }
  }

  package mutating func decode(_ message: UnsafeRawBufferPointer) throws(PostgresError) {
    guard let start = message.baseAddress else { return }
    var offset = 0
    if !hasHeader {
      offset = try header(message)
      hasHeader = true
    }
    while offset < message.count {
      guard !hasTrailer, message.count - offset >= 2 else { throw malformed() }
      let width = Int(start.bigEndian(at: offset, as: Int16.self))
      offset += 2
      if width == -1 {
        hasTrailer = true
        continue
      }
      guard width == columns.count else { throw malformed() }
      offset = try row(start, offset, message.count)
      rowCount += 1
    }
  }

  private mutating func row(
    _ start: UnsafeRawPointer, _ from: Int, _ end: Int
  ) throws(PostgresError) -> Int {
    var offset = from
    for index in columns.indices {
      guard end - offset >= 4 else { throw malformed() }
      let length = Int(start.bigEndian(at: offset, as: Int32.self))
      offset += 4
      if length == -1 {
        columns[index].appendNull()
        continue
      }
      guard length >= 0, length <= end - offset else { throw malformed() }
      do {
        try columns[index].append(start + offset, length: length)
      } catch {
        throw problem(error.message, column: columns[index].name, row: rowCount + 1)
      }
      offset += length
    }
    return offset
  }

  /// Checks the header and returns its length.
  private func header(_ message: UnsafeRawBufferPointer) throws(PostgresError) -> Int {
    let fixed = Self.signature.count + 8
    guard message.count >= fixed, let start = message.baseAddress,
      message.prefix(Self.signature.count).elementsEqual(Self.signature)
    else { throw malformed() }
    let flags = start.bigEndian(at: Self.signature.count, as: UInt32.self)
    let extra = Int(start.bigEndian(at: Self.signature.count + 4, as: UInt32.self))
    // The upper half of the flags marks what a reader must understand.
    guard flags >> 16 == 0, extra <= message.count - fixed else { throw malformed() }
    return fixed + extra
  }

  package func frame() throws(PostgresError) -> Frame {
    guard hasTrailer else { throw malformed() }
    return Frame(schema: schema, columns: columns.map { $0.build() }, rowCount: rowCount)
  }

  private func problem(_ what: String, column: String, row: Int) -> PostgresError {
    var error = PostgresError(
      .data(column: column, row: row), "column \"\(column)\" has in row \(row) \(what)",
      location: location)
    error.column = column
    return error
  }

  private func malformed() -> PostgresError {
    PostgresError(
      .data(column: nil, row: rowCount + 1), "the data of COPY are not well formed",
      location: location)
  }
}
