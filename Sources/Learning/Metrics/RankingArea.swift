import Foundation

/// An area under the ROC curve and how far it is known: DeLong, DeLong and Clarke-Pearson, Comparing
/// the areas under two or more correlated receiver operating characteristic curves, Biometrics 44
/// (1988); placements by ranks as in Sun and Xu, Fast implementation of DeLong's algorithm, IEEE
/// Signal Processing Letters 21 (2014).
public struct RankingArea: Sendable {
  /// The probability that a positive row scores above a negative one, a tie counting half.
  public let auc: Double
  /// The standard error of a score without any information on these rows: that of the Mann-Whitney
  /// statistic over P·N, with the correction for ties (Lehmann, Nonparametrics, 1975).
  public let chanceError: Double
  /// For each positive row the share of negative ones that it scores above, in the order of the rows.
  private let positives: [Double]
  /// For each negative row the share of positive ones that score above it.
  private let negatives: [Double]

  public var positiveCount: Int { positives.count }
  public var negativeCount: Int { negatives.count }

  /// - Parameter scores: higher is likelier; NaN is missing and ranks below every other.
  /// - Returns: nil unless both classes are there.
  /// - Throws: `LearningError.shapeMismatch` unless there is a label for each score.
  public init?(scores: [some BinaryFloatingPoint & Sendable], labels: [Bool]) throws {
    guard scores.count == labels.count else {
      throw LearningError.shapeMismatch(
        what: "labels", found: labels.count, expected: scores.count)
    }
    let (n1, n0) = (labels.count { $0 }, labels.count { !$0 })
    guard n1 > 0, n0 > 0 else { return nil }
    // An infinity below all others stands for what is missing; the ranks are all that counts.
    let keys = scores.map { $0.isNaN ? -Double.infinity : Double($0) }
    let order = keys.indices.sorted { keys[$0] < keys[$1] }
    var placements = [Double](repeating: 0, count: keys.count)
    var (positivesBelow, negativesBelow, tied) = (0, 0, 0.0)
    var first = 0
    while first < order.count {
      var end = first
      var hits = 0
      while end < order.count, keys[order[end]] == keys[order[first]] {
        hits += labels[order[end]] ? 1 : 0
        end += 1
      }
      let misses = end - first - hits
      let won = (Double(negativesBelow) + Double(misses) / 2) / Double(n0)
      let lost = (Double(n1 - positivesBelow) - Double(hits) / 2) / Double(n1)
      for row in order[first..<end] { placements[row] = labels[row] ? won : lost }
      positivesBelow += hits
      negativesBelow += misses
      let count = Double(end - first)
      tied += count * count * count - count
      first = end
    }
    positives = zip(placements, labels).compactMap { $1 ? $0 : nil }
    negatives = zip(placements, labels).compactMap { $1 ? nil : $0 }
    auc = positives.reduce(0, +) / Double(n1)
    let n = Double(n1 + n0)
    let untied = n + 1 - (n > 1 ? tied / (n * (n - 1)) : 0)
    chanceError = (max(0, untied) / (12 * Double(n1) * Double(n0))).squareRoot()
  }

  /// The variance of the area; nil where a class has fewer than two rows.
  public var variance: Double? { Self.covariance(self, self) }

  /// Where the area lies with a probability of 95 %: the normal interval, cut at 0 and 1. Nil where a
  /// class has fewer than two rows.
  public var interval: ClosedRange<Double>? {
    variance.map { variance in
      let half = Self.errors * variance.squareRoot()
      return max(0, auc - half)...min(1, auc + half)
    }
  }

  /// Standard errors that chance explains in 95 of 100 cases.
  public static let errors = 1.959963984540054

  /// Whether the score ranks better than one without information would, beyond what chance explains:
  /// the interval lies above a half, and the Mann-Whitney test, which holds with few rows too, agrees.
  public var isBetterThanChance: Bool {
    guard let interval else { return false }
    return interval.lowerBound > 0.5 && auc - 0.5 > Self.errors * chanceError
  }

  /// How many standard errors this area lies above that of another score of the same rows; nil where
  /// the rows are others, or a class has fewer than two. 0 where the scores order them alike.
  public func errors(above other: RankingArea) -> Double? {
    guard positiveCount == other.positiveCount, negativeCount == other.negativeCount,
      let own = variance, let others = other.variance, let common = Self.covariance(self, other)
    else { return nil }
    let difference = auc - other.auc
    let variance = own + others - 2 * common
    if difference == 0 { return 0 }
    return variance > 0 ? difference / variance.squareRoot() : difference * .infinity
  }

  private static func covariance(_ a: RankingArea, _ b: RankingArea) -> Double? {
    guard a.positiveCount > 1, a.negativeCount > 1 else { return nil }
    func part(_ x: [Double], _ y: [Double]) -> Double {
      let products = zip(x, y).reduce(0) { $0 + ($1.0 - a.auc) * ($1.1 - b.auc) }
      return products / Double(x.count - 1) / Double(x.count)
    }
    return part(a.positives, b.positives) + part(a.negatives, b.negatives)
  }
}
