/// The values of a column, one representation for several types. A null's value is unspecified but
/// there, so that kernels need not branch.
public enum ColumnValues: Sendable {
  case bool([Bool])
  /// Integers; `numeric` of up to 18 digits times 10^scale; `date` as days and `timestamp`,
  /// `timestamptz` as microseconds since 2000-01-01 (UTC), where `Int64.min` and `Int64.max` are
  /// -infinity and infinity (for dates too).
  case int64([Int64])
  /// `numeric` of more than 18 digits times 10^scale; `uuid` as its 128 bits.
  case int128([Int128])
  /// `float4`, `float8`.
  case float64([Double])
  /// `text`, `jsonb`: codes into a dictionary.
  case text([Int32], TextDictionary)
  /// `interval`: months, days and microseconds, not normalised.
  case interval([IntervalValue])
}

/// A typed column with nulls.
public struct Column: Sendable {
  public let type: ColumnType
  public let values: ColumnValues
  /// False where the value is null; nil when no value is.
  public let validity: [Bool]?

  /// A column whose `values` fit its `type`; a validity without nulls is dropped.
  public init(type: ColumnType, values: ColumnValues, validity: [Bool]? = nil) {
    self.type = type
    self.values = values
    self.validity = validity.flatMap { $0.contains(false) ? $0 : nil }
    assert(validity == nil || validity!.count == values.count)
  }

  public var count: Int { values.count }

  @inlinable public func isNull(_ row: Int) -> Bool { validity.map { !$0[row] } ?? false }

  public var nullCount: Int { validity?.count { !$0 } ?? 0 }
}

extension ColumnValues {
  public var count: Int {
    switch self {
    case .bool(let values): values.count
    case .int64(let values): values.count
    case .int128(let values): values.count
    case .float64(let values): values.count
    case .text(let codes, _): codes.count
    case .interval(let values): values.count
    }
  }
}

/// A Postgres interval. Months and days are calendar units, microseconds elapsed time.
public struct IntervalValue: Sendable, Hashable, BitwiseCopyable {
  public var months: Int32
  public var days: Int32
  public var microseconds: Int64

  public init(months: Int32 = 0, days: Int32 = 0, microseconds: Int64 = 0) {
    self.months = months
    self.days = days
    self.microseconds = microseconds
  }
}
