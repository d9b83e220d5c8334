/// Which end of the values is the best.
enum FifthDirection: Sendable, Hashable {
  case higherIsBetter
  /// Such as days since the last order: the score is 6 − what it would be otherwise.
  case lowerIsBetter
}

/// Scores from 1 to 5 by quintile, as in RFM (recency, frequency, monetary value): score =
/// 1 + the number of breaks below the value. Equal values have equal scores, so that a score may
/// hold more or less than a fifth of the rows, or none; `NTILE` would split equal values instead.
struct Quintiles<Value: Comparable> {
  /// The values at 20, 40, 60 and 80 percent, ascending; empty if there was no value.
  let breaks: [Value]
  let direction: FifthDirection

  /// Breaks as Postgres's `percentile_disc` gives them: the smallest value whose share of values at
  /// or below it reaches the percentage. Missing values and NaN are left out.
  init(fitting values: [Value?], direction: FifthDirection = .higherIsBetter) {
    let sorted = values.compactMap { $0 }.filter { !$0.isUnordered }.sorted()
    self.direction = direction
    breaks =
      sorted.isEmpty ? [] : (1...4).map { sorted[(($0 * sorted.count) + 4) / 5 - 1] }
  }

  /// From 1 to 5; nil for a missing value or NaN.
  func score(_ value: Value?) -> Int? {
    guard let value, !value.isUnordered else { return nil }
    let below = breaks.count { $0 < value }
    return direction == .higherIsBetter ? 1 + below : 5 - below
  }

  func scores(_ values: [Value?]) -> [Int?] { values.map(score) }
}

extension Comparable {
  /// Whether it is NaN, which alone is not equal to itself.
  fileprivate var isUnordered: Bool { self != self }
}
