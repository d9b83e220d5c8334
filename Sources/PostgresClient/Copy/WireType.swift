import CLibpq
import Frames

/// How a value travels in Postgres's binary format.
enum WireType: Sendable, Hashable {
  case bool, int2, int4, int8, float4, float8
  case numeric
  case text
  /// `character(n)`: text whose trailing blanks mean nothing.
  case paddedText
  case date, timestamp
  case interval
  case uuid
  case json, jsonb
}

/// A Postgres type that Roost can hold: how it travels and the column type that holds it.
package struct HeldType: Sendable, Hashable {
  let wire: WireType
  let column: ColumnType
  /// Whether the values are decimals that `column` holds as the nearest float8.
  var isApproximated = false

  /// The type with an OID and modifier as Postgres describes columns (a domain as its base type);
  /// nil where it is none of those that can be held, or is user-defined.
  package init?(oid: Oid, modifier: Int32) {
    switch oid {
    case 16: self.init(.bool, .bool)
    case 20: self.init(.int8, .int8)
    case 21: self.init(.int2, .int2)
    case 23: self.init(.int4, .int4)
    case 700: self.init(.float4, .float4)
    case 701: self.init(.float8, .float8)
    case 19, 25, 705, 1043: self = .text
    case 1042: self.init(.paddedText, .text)
    case 1082: self.init(.date, .date)
    case 1114: self.init(.timestamp, .timestamp)
    case 1184: self.init(.timestamp, .timestamptz)
    case 1186: self.init(.interval, .interval)
    case 2950: self.init(.uuid, .uuid)
    case 114: self.init(.json, .jsonb)
    case 3802: self.init(.jsonb, .jsonb)
    case 1700: self.init(numericModifier: modifier)
    default: return nil
    }
  }

  /// Text, and the labels of enums.
  static let text = HeldType(.text, .text)

  private init(_ wire: WireType, _ column: ColumnType) {
    self.wire = wire
    self.column = column
  }

  /// `numeric(precision, scale)`, whose modifier is `precision << 16 | scale` plus 4, the scale in
  /// 11 bits with sign (`numerictypmodin` of Postgres 15). A scale below zero rounds whole digits
  /// away, one above the precision begins with zeros: both are held with all their digits.
  private init(numericModifier modifier: Int32) {
    wire = .numeric
    guard modifier >= 4 else {
      column = .float8
      isApproximated = true
      return
    }
    let packed = Int(modifier - 4)
    let precision = packed >> 16 & 0xffff
    let scale = (packed & 0x7ff ^ 1024) - 1024
    let digits = max(precision - min(scale, 0), scale)
    isApproximated = digits > ColumnType.maximumPrecision
    column = isApproximated ? .float8 : .numeric(precision: digits, scale: max(scale, 0))
  }
}
