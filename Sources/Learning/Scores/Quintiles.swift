/// Scores from 1 to 5 by quintile, as in RFM (recency, frequency, monetary value): score =
/// 1 + the number of breaks below the value. Equal values have equal scores, so that a score may
/// hold more or less than a fifth of the rows, or none; `NTILE` would split equal values instead.
public struct Quintiles: Sendable, Hashable, Codable {
  public enum Direction: String, Sendable, Hashable, Codable {
    case higherIsBetter
    /// Such as days since the last order: the score is 6 − what it would be otherwise.
    case lowerIsBetter
  }

  /// The values at 20, 40, 60 and 80 percent, ascending; empty if there was no value.
  public let breaks: [Double]
  public let direction: Direction

  /// Breaks as Postgres's `percentile_disc` gives them: the smallest value whose share of values at
  /// or below it reaches the percentage. Missing values and NaN are left out.
  public init(fitting values: [Double?], direction: Direction = .higherIsBetter) {
    let sorted = values.compactMap { $0 }.filter { !$0.isNaN }.sorted()
    self.direction = direction
    breaks =
      sorted.isEmpty ? [] : (1...4).map { sorted[(($0 * sorted.count) + 4) / 5 - 1] }
  }

  /// From 1 to 5; nil for a missing value or NaN.
  public func score(_ value: Double?) -> Int? {
    guard let value, !value.isNaN else { return nil }
    let below = breaks.count { $0 < value }
    return direction == .higherIsBetter ? 1 + below : 5 - below
  }

  public func scores(_ values: [Double?]) -> [Int?] { values.map(score) }
}
