import Frames

/// The value of a literal, to be compared and printed.
enum LiteralValue: Hashable, Sendable {
  case null
  case bool(Bool)
  /// An integer or time as it is held, or a numeric without its point.
  case integer(Int128)
  /// By its bits, so that -0 is not 0 and NaN is itself.
  case float(UInt64)
  /// By its bytes, since texts that look alike are not one.
  case text([UInt8])
  case interval(IntervalValue)

  /// The value at a place of a column.
  init(_ column: Column, at place: Int) {
    if column.isNull(place) {
      self = .null
      return
    }
    self =
      switch column.values {
      case .bool(let values): .bool(values[place])
      case .int64(let values): .integer(Int128(values[place]))
      case .int128(let values): .integer(values[place])
      case .float64(let values): .float(values[place].bitPattern)
      case .text(let codes, let dictionary): .text(Array(dictionary.utf8(codes[place])))
      case .interval(let values): .interval(values[place])
      }
  }
}
