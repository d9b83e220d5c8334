import Frames

/// The sum of a column's values, exact where they are.
public enum ColumnTotal: Sendable {
  case exact(Int128, scale: Int)
  case rounded(Double)

  public var double: Double {
    switch self {
    case .exact(let value, let scale): Double(value) / Self.power(scale)
    case .rounded(let value): value
    }
  }

  /// How far two sums lie apart; 0 only where they are equal, or as good as equal where rounded.
  public func distance(to other: ColumnTotal) -> Double {
    if case .exact(let own, let scale) = self, case .exact(let value, let otherScale) = other {
      let common = max(scale, otherScale)
      let (a, overflowA) = own.multipliedReportingOverflow(by: Self.integer(common - scale))
      let (b, overflowB) = value.multipliedReportingOverflow(by: Self.integer(common - otherScale))
      let (difference, overflow) = a.subtractingReportingOverflow(b)
      if !overflowA, !overflowB, !overflow { return abs(Double(difference)) / Self.power(common) }
    }
    let distance = abs(double - other.double)
    // Sums of doubles depend on the order of the rows in their last digits.
    return distance <= 1e-9 * max(abs(double), abs(other.double)) ? 0 : distance
  }

  private static func power(_ scale: Int) -> Double {
    (0..<max(0, scale)).reduce(1.0) { product, _ in product * 10 }
  }

  private static func integer(_ scale: Int) -> Int128 {
    (0..<scale).reduce(Int128(1)) { product, _ in product &* 10 }
  }
}
