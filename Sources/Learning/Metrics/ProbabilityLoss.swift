import Foundation

/// Losses of predicted probabilities; lower is better, and an honest probability is the best.
public enum ProbabilityLoss {
  /// Log loss, −(1/n) Σ [y·ln p + (1−y)·ln(1−p)]. A probability is kept 2⁻⁵² from 0 and 1, so that
  /// one certain error costs about 36, not infinity (as scikit-learn's `log_loss`). Nil without rows.
  /// - Throws: `LearningError.shapeMismatch`, `.notFinite`.
  public static func logLoss(probabilities: [Double], labels: [Bool]) throws -> Double? {
    try mean(probabilities, labels) { p, label in
      let p = min(max(p, Double.ulpOfOne), 1 - Double.ulpOfOne)
      return label ? -log(p) : -log1p(-p)
    }
  }

  /// The Brier score, (1/n) Σ (p − y)² (Brier 1950). Nil without rows.
  /// - Throws: `LearningError.shapeMismatch`, `.notFinite`.
  public static func brier(probabilities: [Double], labels: [Bool]) throws -> Double? {
    try mean(probabilities, labels) { p, label in
      let error = p - (label ? 1 : 0)
      return error * error
    }
  }

  private static func mean(
    _ probabilities: [Double], _ labels: [Bool], _ loss: (Double, Bool) -> Double
  ) throws -> Double? {
    guard probabilities.count == labels.count else {
      throw LearningError.shapeMismatch(
        what: "labels", found: labels.count, expected: probabilities.count)
    }
    let invalid = probabilities.count { !$0.isFinite }
    guard invalid == 0 else { throw LearningError.notFinite(what: "probabilities", rows: invalid) }
    guard !labels.isEmpty else { return nil }
    return zip(probabilities, labels).reduce(0) { $0 + loss($1.0, $1.1) } / Double(labels.count)
  }
}
