import Frames

/// The casts between types that Postgres has, and which of them it makes by itself.
enum Casts {
  /// Numbers in the order in which Postgres widens them by itself.
  private static func rank(_ type: ColumnType) -> Int? {
    switch type {
    case .int2: 0
    case .int4: 1
    case .int8: 2
    case .numeric: 3
    case .float4: 4
    case .float8: 5
    case .date: 10
    case .timestamp: 11
    case .timestamptz: 12
    default: nil
    }
  }

  /// Whether Postgres converts by itself where the type is wanted.
  static func isImplicit(from source: ColumnType, to target: ColumnType) -> Bool {
    if source == target { return true }
    guard let low = rank(source), let high = rank(target) else { return false }
    return low <= high && source.isTime == target.isTime
  }

  /// The type to which Postgres widens both, as in `coalesce` and `case`.
  static func common(_ a: ColumnType, _ b: ColumnType) -> ColumnType? {
    if a == b { return a }
    guard let first = rank(a), let second = rank(b), a.isTime == b.isTime else { return nil }
    let wider = first >= second ? a : b
    guard wider.isNumeric else { return wider }
    let (x, y) = (a.exactDigits, b.exactDigits)
    let scale = max(x.scale, y.scale)
    let whole = max(x.precision - x.scale, y.precision - y.scale)
    return .numeric(precision: min(whole + scale, ColumnType.maximumPrecision), scale: scale)
  }

  /// The cast that a person may ask for; nil where Postgres has none.
  static func kernel(from source: ColumnType, to target: ColumnType) -> Kernel? {
    switch (source, target) {
    case (.bool, .int4):
      return .infallible { arguments, call in
        call.map(arguments[0], arguments[0].bools, to: .int4, ColumnValues.int64) { $0 ? 1 : 0 }
      }
    case (.int4, .bool):
      return .infallible { arguments, call in
        call.map(arguments[0], arguments[0].int64s, to: .bool, ColumnValues.bool) { $0 != 0 }
      }
    default:
      return NumberCasts.kernel(from: source, to: target)
        ?? TimeCasts.kernel(from: source, to: target)
        ?? TextCasts.kernel(from: source, to: target)
    }
  }
}
