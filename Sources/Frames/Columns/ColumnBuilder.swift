/// Collects a column value by value. Appending something that does not fit the type is a programming
/// error; readers check the type once, before the first row.
public struct ColumnBuilder: Sendable {
  public let type: ColumnType
  private var bools: [Bool] = []
  private var int64s: [Int64] = []
  private var int128s: [Int128] = []
  private var doubles: [Double] = []
  private var codes: [Int32] = []
  private var intervals: [IntervalValue] = []
  private var texts = TextDictionaryBuilder()
  /// Empty until the first null.
  private var validity: [Bool] = []
  public private(set) var count = 0

  public init(type: ColumnType, capacity: Int = 0) {
    self.type = type
    switch type.storage {
    case .bool: bools.reserveCapacity(capacity)
    case .int64: int64s.reserveCapacity(capacity)
    case .int128: int128s.reserveCapacity(capacity)
    case .float64: doubles.reserveCapacity(capacity)
    case .text: codes.reserveCapacity(capacity)
    case .interval: intervals.reserveCapacity(capacity)
    }
  }

  @inline(__always) private mutating func valid() {
    if !validity.isEmpty { validity.append(true) }
    count &+= 1
  }

  public mutating func append(_ value: Bool) {
    bools.append(value)
    valid()
  }

  public mutating func append(_ value: Int64) {
    int64s.append(value)
    valid()
  }

  public mutating func append(_ value: Int128) {
    int128s.append(value)
    valid()
  }

  public mutating func append(_ value: Double) {
    doubles.append(value)
    valid()
  }

  public mutating func append(_ value: IntervalValue) {
    intervals.append(value)
    valid()
  }

  public mutating func append(_ value: String) {
    codes.append(texts.code(of: value))
    valid()
  }

  /// Appends a text given as UTF-8, which the caller has checked.
  public mutating func append(utf8 value: UnsafeBufferPointer<UInt8>) {
    codes.append(texts.code(of: value))
    valid()
  }

  public mutating func appendNull() {
    if validity.isEmpty { validity = Array(repeating: true, count: count) }
    validity.append(false)
    switch type.storage {
    case .bool: bools.append(false)
    case .int64: int64s.append(0)
    case .int128: int128s.append(0)
    case .float64: doubles.append(0)
    case .text: codes.append(texts.code(of: ""))
    case .interval: intervals.append(IntervalValue())
    }
    count += 1
  }

  public func build() -> Column {
    let values: ColumnValues =
      switch type.storage {
      case .bool: .bool(bools)
      case .int64: .int64(int64s)
      case .int128: .int128(int128s)
      case .float64: .float64(doubles)
      case .text: .text(codes, texts.build())
      case .interval: .interval(intervals)
      }
    return Column(type: type, values: values, validity: validity.isEmpty ? nil : validity)
  }
}

/// How a type is held: the cases of `ColumnValues`.
public enum Storage: Sendable, Hashable { case bool, int64, int128, float64, text, interval }

extension ColumnType {
  public var storage: Storage {
    switch self {
    case .bool: .bool
    case .int2, .int4, .int8, .date, .timestamp, .timestamptz: .int64
    case .float4, .float8: .float64
    case .numeric(let precision, _): precision <= Self.precisionOf64Bits ? .int64 : .int128
    case .text, .jsonb: .text
    case .uuid: .int128
    case .interval: .interval
    }
  }
}
