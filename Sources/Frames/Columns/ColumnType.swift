/// The type of a column: a Postgres type that Roost can hold.
public enum ColumnType: Sendable, Hashable {
  case bool
  case int2, int4, int8
  case float4, float8
  /// Exact decimal of at most 38 digits, `scale` of them after the point.
  case numeric(precision: Int, scale: Int)
  case text
  case date, timestamp, timestamptz
  case interval
  case uuid
  case jsonb

  /// The type as Postgres writes it.
  public var sqlName: String {
    switch self {
    case .bool: "boolean"
    case .int2: "smallint"
    case .int4: "integer"
    case .int8: "bigint"
    case .float4: "real"
    case .float8: "double precision"
    case .numeric(let precision, let scale): "numeric(\(precision),\(scale))"
    case .text: "text"
    case .date: "date"
    case .timestamp: "timestamp without time zone"
    case .timestamptz: "timestamp with time zone"
    case .interval: "interval"
    case .uuid: "uuid"
    case .jsonb: "jsonb"
    }
  }

  public var isInteger: Bool { self == .int2 || self == .int4 || self == .int8 }
  public var isFloat: Bool { self == .float4 || self == .float8 }
  public var isNumeric: Bool { if case .numeric = self { true } else { false } }
  /// Whether arithmetic works on it.
  public var isNumber: Bool { isInteger || isFloat || isNumeric }
  /// Whether it is a point in time.
  public var isTime: Bool { self == .date || self == .timestamp || self == .timestamptz }

  /// The most digits that a `numeric` may have here.
  public static let maximumPrecision = 38
  /// The most digits for which a `numeric` is held in 64 bits.
  public static let precisionOf64Bits = 18
}
