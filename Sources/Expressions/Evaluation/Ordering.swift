import Frames

/// Postgres's order of values, which for floating point differs from Swift's: NaN equals NaN and is
/// greater than everything else.
protocol SQLOrdered {
  static func isLess(_ a: Self, _ b: Self) -> Bool
  static func isEqual(_ a: Self, _ b: Self) -> Bool
}

extension Int64: SQLOrdered {
  @inline(__always) static func isLess(_ a: Self, _ b: Self) -> Bool { a < b }
  @inline(__always) static func isEqual(_ a: Self, _ b: Self) -> Bool { a == b }
}

extension Int128: SQLOrdered {
  @inline(__always) static func isLess(_ a: Self, _ b: Self) -> Bool { a < b }
  @inline(__always) static func isEqual(_ a: Self, _ b: Self) -> Bool { a == b }
}

extension UInt128: SQLOrdered {
  @inline(__always) static func isLess(_ a: Self, _ b: Self) -> Bool { a < b }
  @inline(__always) static func isEqual(_ a: Self, _ b: Self) -> Bool { a == b }
}

extension Bool: SQLOrdered {
  @inline(__always) static func isLess(_ a: Self, _ b: Self) -> Bool { !a && b }
  @inline(__always) static func isEqual(_ a: Self, _ b: Self) -> Bool { a == b }
}

extension Double: SQLOrdered {
  @inline(__always) static func isLess(_ a: Self, _ b: Self) -> Bool {
    a < b || (b.isNaN && !a.isNaN)
  }
  @inline(__always) static func isEqual(_ a: Self, _ b: Self) -> Bool {
    a == b || (a.isNaN && b.isNaN)
  }
}

/// Texts compare by their bytes: `COLLATE "C"`.
extension ArraySlice<UInt8>: SQLOrdered {
  static func isLess(_ a: Self, _ b: Self) -> Bool { a.lexicographicallyPrecedes(b) }
  static func isEqual(_ a: Self, _ b: Self) -> Bool { a == b }
}

extension IntervalValue: SQLOrdered {
  static func isLess(_ a: Self, _ b: Self) -> Bool { IntervalText.span(a) < IntervalText.span(b) }
  static func isEqual(_ a: Self, _ b: Self) -> Bool { IntervalText.span(a) == IntervalText.span(b) }
}

/// A comparison operator.
enum Comparison: Sendable {
  case equal, notEqual, less, lessOrEqual, greater, greaterOrEqual

  init?(_ op: BinaryOperator) {
    switch op {
    case .equal: self = .equal
    case .notEqual: self = .notEqual
    case .less: self = .less
    case .lessOrEqual: self = .lessOrEqual
    case .greater: self = .greater
    case .greaterOrEqual: self = .greaterOrEqual
    default: return nil
    }
  }

  /// Whether it asks which of two comes first.
  var isOfOrder: Bool { self != .equal && self != .notEqual }

  @inline(__always) func holds<T: SQLOrdered>(_ a: T, _ b: T) -> Bool {
    switch self {
    case .equal: T.isEqual(a, b)
    case .notEqual: !T.isEqual(a, b)
    case .less: T.isLess(a, b)
    case .lessOrEqual: !T.isLess(b, a)
    case .greater: T.isLess(b, a)
    case .greaterOrEqual: !T.isLess(a, b)
    }
  }
}
