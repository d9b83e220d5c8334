import Frames

/// Collects a column from values in the binary format.
struct ColumnDecoder {
  let name: String
  private let wire: WireType
  private let type: ColumnType
  private let scale: Int
  private var builder: ColumnBuilder

  init(name: String, type: HeldType) {
    self.name = name
    wire = type.wire
    self.type = type.column
    scale = if case .numeric(_, let scale) = type.column { scale } else { 0 }
    builder = ColumnBuilder(type: type.column)
  }

  mutating func appendNull() { builder.appendNull() }

  mutating func append(_ bytes: UnsafeRawPointer, length: Int) throws(DecodeProblem) {
    switch wire {
    case .bool:
      try expect(length, 1)
      builder.append(bytes.load(as: UInt8.self) != 0)
    case .int2:
      try expect(length, 2)
      builder.append(Int64(bytes.bigEndian(at: 0, as: Int16.self)))
    case .int4:
      try expect(length, 4)
      builder.append(Int64(bytes.bigEndian(at: 0, as: Int32.self)))
    case .int8, .timestamp:
      // Timestamps have the infinities where the frame has them.
      try expect(length, 8)
      builder.append(bytes.bigEndian(at: 0, as: Int64.self))
    case .date:
      try expect(length, 4)
      builder.append(Self.days(bytes.bigEndian(at: 0, as: Int32.self)))
    case .float4:
      try expect(length, 4)
      builder.append(Double(Float(bitPattern: bytes.bigEndian(at: 0, as: UInt32.self))))
    case .float8:
      try expect(length, 8)
      builder.append(Double(bitPattern: bytes.bigEndian(at: 0, as: UInt64.self)))
    case .numeric: try appendNumeric(NumericReader(bytes, length: length))
    case .text, .json: appendText(bytes, length)
    case .paddedText:
      var end = length
      while end > 0, bytes.load(fromByteOffset: end - 1, as: UInt8.self) == UInt8(ascii: " ") {
        end -= 1
      }
      appendText(bytes, end)
    case .jsonb:
      guard length >= 1 else { throw .wrongLength }
      // The first byte is the format's version.
      guard bytes.load(as: UInt8.self) == 1 else { throw .malformed }
      appendText(bytes + 1, length - 1)
    case .uuid:
      try expect(length, 16)
      builder.append(Int128(bitPattern: bytes.bigEndian(at: 0, as: UInt128.self)))
    case .interval:
      try expect(length, 16)
      builder.append(
        IntervalValue(
          months: bytes.bigEndian(at: 12, as: Int32.self),
          days: bytes.bigEndian(at: 8, as: Int32.self),
          microseconds: bytes.bigEndian(at: 0, as: Int64.self)))
    }
  }

  private mutating func appendNumeric(_ value: NumericReader) throws(DecodeProblem) {
    switch type.storage {
    case .int64: builder.append(try value.int64(scale: scale))
    case .int128: builder.append(try value.int128(scale: scale))
    default: builder.append(try value.double())
    }
  }

  /// The server has checked the encoding: with `client_encoding` UTF8 it does so even in a database
  /// that has none.
  private mutating func appendText(_ bytes: UnsafeRawPointer, _ length: Int) {
    builder.append(
      utf8: UnsafeBufferPointer(
        start: bytes.assumingMemoryBound(to: UInt8.self), count: length))
  }

  @inline(__always)
  private func expect(_ length: Int, _ expected: Int) throws(DecodeProblem) {
    if length != expected { throw .wrongLength }
  }

  /// A date's days since 2000-01-01; infinities have the extreme values of either width.
  private static func days(_ days: Int32) -> Int64 {
    switch days {
    case .max: .max
    case .min: .min
    default: Int64(days)
    }
  }

  func build() -> Column { builder.build() }
}
