import Frames

/// Collects a column from the values of blocks in the binary format.
struct ColumnDecoder {
  /// A value that cannot be held, and its row in the block.
  typealias Failure = (row: Int, problem: DecodeProblem)

  let name: String
  private let type: ColumnType
  private let wire: WireType
  private var store: Store
  /// Nil until the first null.
  private var validity: [Bool]?
  private var count = 0

  private enum Store {
    case bool(GrowingBuffer<Bool>)
    case int64(GrowingBuffer<Int64>)
    case int128(GrowingBuffer<Int128>)
    case float64(GrowingBuffer<Double>)
    case interval(GrowingBuffer<IntervalValue>)
    case text(TextCollector)
  }

  init(name: String, type: HeldType, hasCheckedText: Bool) {
    self.name = name
    self.type = type.column
    wire = type.wire
    store =
      switch type.column.storage {
      case .bool: .bool(GrowingBuffer())
      case .int64: .int64(GrowingBuffer())
      case .int128: .int128(GrowingBuffer())
      case .float64: .float64(GrowingBuffer())
      case .interval: .interval(GrowingBuffer())
      case .text: .text(TextCollector(isChecked: hasCheckedText))
      }
  }

  /// Adds the column's values of a block.
  /// - Returns: the first value that cannot be held; nothing must be added after that.
  mutating func append(_ fields: FieldColumn) -> Failure? {
    if let failure = read(fields) { return failure }
    noteNulls(fields)
    return nil
  }

  private func read(_ fields: FieldColumn) -> Failure? {
    switch store {
    case .bool(let values):
      fixed(fields, values, 1, false) { $0.load(as: UInt8.self) != 0 }
    case .int64(let values): integers(fields, values)
    case .int128(let values): wide(fields, values)
    case .float64(let values): doubles(fields, values)
    case .interval(let values): fixed(fields, values, 16, IntervalValue(), Self.interval)
    case .text(let texts): texts.append(fields, wire)
    }
  }

  mutating func build() -> Column {
    let values: ColumnValues =
      switch store {
      case .bool(let values): .bool(values.take())
      case .int64(let values): .int64(values.take())
      case .int128(let values): .int128(values.take())
      case .float64(let values): .float64(values.take())
      case .interval(let values): .interval(values.take())
      case .text(let texts): texts.take()
      }
    defer { validity = nil }
    return Column(type: type, values: values, validity: validity)
  }

  private mutating func noteNulls(_ fields: FieldColumn) {
    let hasNulls = (0..<fields.rowCount).contains { fields[$0] == nil }
    if hasNulls, validity == nil { validity = Array(repeating: true, count: count) }
    count += fields.rowCount
    for row in 0..<(validity == nil ? 0 : fields.rowCount) { validity?.append(fields[row] != nil) }
  }

  // MARK: Values of a fixed length

  private func integers(_ fields: FieldColumn, _ values: GrowingBuffer<Int64>) -> Failure? {
    switch wire {
    case .int2: fixed(fields, values, 2, 0) { Int64($0.bigEndian(at: 0, as: Int16.self)) }
    case .int4: fixed(fields, values, 4, 0) { Int64($0.bigEndian(at: 0, as: Int32.self)) }
    case .date: fixed(fields, values, 4, 0, Self.days)
    case .numeric:
      numerics(fields, values, 0) { value throws(DecodeProblem) in
        try value.int64(scale: scale)
      }
    // Timestamps have the infinities where the frame has them.
    default: fixed(fields, values, 8, 0) { $0.bigEndian(at: 0, as: Int64.self) }
    }
  }

  private func wide(_ fields: FieldColumn, _ values: GrowingBuffer<Int128>) -> Failure? {
    if wire == .uuid {
      return fixed(fields, values, 16, 0) {
        Int128(bitPattern: $0.bigEndian(at: 0, as: UInt128.self))
      }
    }
    return numerics(fields, values, 0) { value throws(DecodeProblem) in
      try value.int128(scale: scale)
    }
  }

  private func doubles(_ fields: FieldColumn, _ values: GrowingBuffer<Double>) -> Failure? {
    switch wire {
    case .float4:
      fixed(fields, values, 4, 0) {
        Double(Float(bitPattern: $0.bigEndian(at: 0, as: UInt32.self)))
      }
    case .numeric:
      numerics(fields, values, 0) { value throws(DecodeProblem) in
        try value.double()
      }
    default:
      fixed(fields, values, 8, 0) { Double(bitPattern: $0.bigEndian(at: 0, as: UInt64.self)) }
    }
  }

  @inline(__always)
  private func fixed<Value>(
    _ fields: FieldColumn, _ values: GrowingBuffer<Value>, _ length: Int, _ blank: Value,
    _ read: (UnsafeRawPointer) -> Value
  ) -> Failure? {
    let out = values.extend(by: fields.rowCount)
    for row in 0..<fields.rowCount {
      guard let value = fields[row] else {
        out[row] = blank
        continue
      }
      guard fields.length(of: value) == length else { return (row, .wrongLength) }
      out[row] = read(value)
    }
    return nil
  }

  /// A date's days since 2000-01-01; infinities have the extreme values of either width.
  private static func days(_ value: UnsafeRawPointer) -> Int64 {
    switch value.bigEndian(at: 0, as: Int32.self) {
    case .max: .max
    case .min: .min
    case let days: Int64(days)
    }
  }

  private static func interval(_ value: UnsafeRawPointer) -> IntervalValue {
    IntervalValue(
      months: value.bigEndian(at: 12, as: Int32.self),
      days: value.bigEndian(at: 8, as: Int32.self),
      microseconds: value.bigEndian(at: 0, as: Int64.self))
  }

  // MARK: Numerics

  private var scale: Int { if case .numeric(_, let scale) = type { scale } else { 0 } }

  @inline(__always)
  private func numerics<Value>(
    _ fields: FieldColumn, _ values: GrowingBuffer<Value>, _ blank: Value,
    _ read: (NumericReader) throws(DecodeProblem) -> Value
  ) -> Failure? {
    let out = values.extend(by: fields.rowCount)
    for row in 0..<fields.rowCount {
      guard let value = fields[row] else {
        out[row] = blank
        continue
      }
      do throws(DecodeProblem) {
        out[row] = try read(NumericReader(value, length: fields.length(of: value)))
      } catch {
        return (row, error)
      }
    }
    return nil
  }
}
