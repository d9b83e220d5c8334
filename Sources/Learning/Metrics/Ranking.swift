/// Labels in the order of their scores, highest first, with equal scores kept together: what every
/// measure of ranking needs, from one sort. A score of NaN is missing and stands last, with all
/// other missing ones. No result depends on the order of rows with equal scores.
public struct Ranking: Sendable {
  /// Rows with one score.
  struct Tie: Sendable {
    var score: Double
    var count: Int
    var positives: Int
  }
  let ties: [Tie]
  public let rowCount: Int
  public let positives: Int

  /// - Throws: `LearningError.shapeMismatch` unless there is a label for each score.
  public init(scores: [some BinaryFloatingPoint & Sendable], labels: [Bool]) throws {
    guard scores.count == labels.count else {
      throw LearningError.shapeMismatch(
        what: "labels", found: labels.count, expected: scores.count)
    }
    var known: [(score: Double, label: Bool)] = []
    known.reserveCapacity(scores.count)
    var missing = Tie(score: .nan, count: 0, positives: 0)
    for (score, label) in zip(scores, labels) {
      if score.isNaN {
        missing.count += 1
        missing.positives += label ? 1 : 0
      } else {
        known.append((Double(score), label))
      }
    }
    known.sort { $0.score > $1.score }
    var ties: [Tie] = []
    for (score, label) in known {
      if ties.last?.score != score { ties.append(Tie(score: score, count: 0, positives: 0)) }
      ties[ties.count - 1].count += 1
      ties[ties.count - 1].positives += label ? 1 : 0
    }
    if missing.count > 0 { ties.append(missing) }
    self.ties = ties
    rowCount = labels.count
    positives = ties.reduce(0) { $0 + $1.positives }
  }

  /// The share of positive labels; nil without rows.
  public var baseRate: Double? { rowCount == 0 ? nil : Double(positives) / Double(rowCount) }

  /// The area under the ROC curve: the probability that a positive row scores above a negative one,
  /// a tie counting half, which is the Mann-Whitney statistic U / (P·N) (Hanley and McNeil 1982).
  /// Nil unless both classes are there.
  public var rocAUC: Double? {
    let negatives = rowCount - positives
    guard positives > 0, negatives > 0 else { return nil }
    var negativesBelow = Double(negatives)
    var wins = 0.0
    for tie in ties {
      let tied = Double(tie.count - tie.positives)
      negativesBelow -= tied
      wins += Double(tie.positives) * (negativesBelow + tied / 2)
    }
    return wins / (Double(positives) * Double(negatives))
  }

  /// Average precision, Σ (Rᵢ − Rᵢ₋₁)·Pᵢ over the distinct scores as thresholds, without
  /// interpolation (as scikit-learn's `average_precision_score`). Nil without a positive row.
  public var averagePrecision: Double? {
    guard positives > 0 else { return nil }
    var (seen, hits, sum) = (0, 0, 0.0)
    for tie in ties {
      seen += tie.count
      hits += tie.positives
      sum += Double(tie.positives) * Double(hits) / Double(seen)
    }
    return sum / Double(positives)
  }

  /// The lift of the top `fraction` of rows: their rate of positives over the base rate, where
  /// their number is `fraction`·n, rounded, at least 1. If the cut falls among equal scores, it is
  /// the expected value under a random order of these, which is their rate: taking them in the
  /// order of rows or labels would let a score without information show a lift above 1.
  /// Nil without a positive row.
  public func lift(top fraction: Double = 0.1) -> Double? {
    guard positives > 0, fraction > 0 else { return nil }
    let size = min(rowCount, max(1, Int((Double(rowCount) * min(fraction, 1)).rounded())))
    let rate = expectedPositives(first: size) / Double(size)
    return rate / (Double(positives) / Double(rowCount))
  }

  private func expectedPositives(first size: Int) -> Double {
    var left = size
    var expected = 0.0
    for tie in ties where left > 0 {
      let taken = min(left, tie.count)
      expected += Double(tie.positives) * Double(taken) / Double(tie.count)
      left -= taken
    }
    return expected
  }
}
