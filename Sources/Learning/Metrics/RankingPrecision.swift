/// How far the quality of a ranking is known.
public enum RankingPrecision {
  /// The standard error of an area under the ROC curve, with the negative exponential model of the
  /// scores: √((A(1−A) + (n₁−1)(Q₁−A²) + (n₀−1)(Q₂−A²)) / (n₁n₀)), Q₁ = A/(2−A), Q₂ = 2A²/(1+A).
  /// Hanley and McNeil, The meaning and use of the area under a ROC curve, Radiology 143 (1982).
  /// - Parameters:
  ///   - auc: from 0 to 1.
  ///   - positives: n₁, the rows of the class that should rank high.
  ///   - negatives: n₀, the others.
  /// - Returns: nil where a class is missing.
  public static func standardError(auc: Double, positives: Int, negatives: Int) -> Double? {
    guard positives > 0, negatives > 0 else { return nil }
    let square = auc * auc
    let q1 = auc / (2 - auc)
    let q2 = 2 * square / (1 + auc)
    let (n1, n0) = (Double(positives), Double(negatives))
    let variance = auc * (1 - auc) + (n1 - 1) * (q1 - square) + (n0 - 1) * (q2 - square)
    return (max(0, variance) / (n1 * n0)).squareRoot()
  }
}
