import Frames

/// Writes a column's values in the binary format of a table's column. The representation is unpacked
/// once, not for every value. A class, so that a loop over columns copies no arrays' references.
final class ColumnEncoder {
  let name: String
  private let wire: WireType
  private let scale: Int
  private let validity: [Bool]?
  private let bools: [Bool]
  private let int64s: [Int64]
  private let int128s: [Int128]
  private let doubles: [Double]
  private let codes: [Int32]
  private let texts: TextDictionary
  private let intervals: [IntervalValue]

  /// - Parameter type: the table column's type, which `HeldType.accepts` the column's.
  init(name: String, column: Column, type: HeldType) {
    self.name = name
    wire = type.wire
    scale = if case .numeric(_, let scale) = column.type { scale } else { 0 }
    validity = column.validity
    bools = if case .bool(let values) = column.values { values } else { [] }
    int64s = if case .int64(let values) = column.values { values } else { [] }
    int128s = if case .int128(let values) = column.values { values } else { [] }
    doubles = if case .float64(let values) = column.values { values } else { [] }
    intervals = if case .interval(let values) = column.values { values } else { [] }
    (codes, texts) =
      if case .text(let codes, let texts) = column.values { (codes, texts) } else {
        ([], TextDictionary())
      }
  }

  /// - Throws: `.outOfRange` where an integer or date does not fit the table's column.
  func append(_ row: Int, to buffer: inout CopyBuffer) throws(DecodeProblem) {
    if let validity, !validity[row] {
      buffer.append(Int32(-1))
      return
    }
    switch wire {
    case .bool: buffer.appendField(UInt8(bools[row] ? 1 : 0))
    case .int2: buffer.appendField(try fitting(int64s[row], Int16.self))
    case .int4: buffer.appendField(try fitting(int64s[row], Int32.self))
    case .int8, .timestamp: buffer.appendField(int64s[row])
    case .date: buffer.appendField(try days(int64s[row]))
    case .float4: buffer.appendField(Float(doubles[row]).bitPattern)
    case .float8: buffer.appendField(doubles[row].bitPattern)
    case .numeric:
      if int128s.isEmpty {
        NumericWriter.append(int64s[row], scale: scale, to: &buffer)
      } else {
        NumericWriter.append(int128s[row], scale: scale, to: &buffer)
      }
    case .text, .paddedText, .json: try appendText(codes[row], version: nil, to: &buffer)
    case .jsonb: try appendText(codes[row], version: 1, to: &buffer)
    case .uuid: buffer.appendField(int128s[row])
    case .interval:
      let value = intervals[row]
      buffer.append(Int32(16))
      buffer.append(value.microseconds)
      buffer.append(value.days)
      buffer.append(value.months)
    }
  }

  private func appendText(
    _ code: Int32, version: UInt8?, to buffer: inout CopyBuffer
  ) throws(DecodeProblem) {
    let range = texts.offsets[Int(code)]..<texts.offsets[Int(code) + 1]
    let length = range.count + (version == nil ? 0 : 1)
    guard let length = Int32(exactly: length) else { throw .outOfRange }
    buffer.append(length)
    if let version { buffer.append(version) }
    texts.bytes.withUnsafeBytes { buffer.append(UnsafeRawBufferPointer(rebasing: $0[range])) }
  }

  private func fitting<Narrow: FixedWidthInteger>(
    _ value: Int64, _ type: Narrow.Type
  ) throws(DecodeProblem) -> Narrow {
    guard let narrow = Narrow(exactly: value) else { throw .outOfRange }
    return narrow
  }

  private func days(_ value: Int64) throws(DecodeProblem) -> Int32 {
    switch value {
    case .max: .max
    case .min: .min
    // The extremes of 32 bits mean infinity.
    case Int64(Int32.max), Int64(Int32.min): throw .outOfRange
    default: try fitting(value, Int32.self)
    }
  }
}

extension HeldType {
  /// Whether every value of a frame's column goes into a column of this type unchanged.
  func accepts(_ type: ColumnType) -> Bool {
    switch (type, wire) {
    case (.int2, .int2), (.int2, .int4), (.int2, .int8), (.int4, .int4), (.int4, .int8),
      (.int8, .int8), (.float4, .float4), (.float4, .float8), (.float8, .float8),
      (.text, .paddedText):
      true
    case (.numeric(_, let scale), .numeric):
      // Postgres would round decimals away without a word. Too many digits before the point are an
      // error there.
      if case .numeric(_, let kept) = column { scale <= kept } else { true }
    case (.float8, .numeric): false
    default: type == column
    }
  }
}
