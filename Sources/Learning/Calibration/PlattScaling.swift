import Foundation

/// Turns margins into probabilities: p = 1 / (1 + exp(−(slope·margin + intercept))).
///
/// Fitted by maximum likelihood on rows that the model was not trained on (Platt 1999,
/// "Probabilistic outputs for support vector machines"), with Newton steps and a line search
/// (Lin, Lin and Weng 2007, "A note on Platt's probabilistic outputs for support vector machines").
public struct PlattScaling: Sendable, Hashable, Codable {
  /// At least 0. It is 0 if higher margins went with fewer positives: the best increasing function
  /// is then a constant, and the model has not learnt to rank.
  public let slope: Double
  public let intercept: Double

  public init(slope: Double, intercept: Double) {
    self.slope = max(0, slope)
    self.intercept = intercept
  }

  /// The targets are Platt's, (N₊+1)/(N₊+2) and 1/(N₋+2) in place of 1 and 0, so that separable
  /// classes do not drive the slope to infinity.
  /// - Throws: `LearningError.noRows`, `.shapeMismatch`, `.oneClass`, `.notFinite`.
  public init(margins: [Float], labels: [Bool]) throws {
    guard margins.count == labels.count else {
      throw LearningError.shapeMismatch(
        what: "labels", found: labels.count, expected: margins.count)
    }
    guard let first = labels.first else { throw LearningError.noRows }
    let positives = labels.count { $0 }
    guard positives > 0, positives < labels.count else {
      throw LearningError.oneClass(label: first, rows: labels.count)
    }
    let invalid = margins.count { !$0.isFinite }
    guard invalid == 0 else { throw LearningError.notFinite(what: "margins", rows: invalid) }

    let negatives = labels.count - positives
    let high = (Double(positives) + 1) / (Double(positives) + 2)
    let low = 1 / (Double(negatives) + 2)
    let constant = PlattScaling(
      slope: 0,
      intercept: logit((Double(positives) * high + Double(negatives) * low) / Double(labels.count)))
    // With margins of mean 0 and deviation 1 the Newton system is well conditioned.
    let mean = margins.reduce(0) { $0 + Double($1) } / Double(margins.count)
    let variance =
      margins.reduce(0) { $0 + (Double($1) - mean) * (Double($1) - mean) } / Double(margins.count)
    guard variance > 0 else {
      self = constant
      return
    }
    let deviation = variance.squareRoot()
    let fit = LogisticFit(
      inputs: margins.map { (Double($0) - mean) / deviation },
      targets: labels.map { $0 ? high : low }
    ).solution(from: (0, constant.intercept))
    // The likelihood is concave: if its maximum has a slope below 0, the best one from 0 up is 0.
    guard fit.slope > 0 else {
      self = constant
      return
    }
    slope = fit.slope / deviation
    intercept = fit.intercept - slope * mean
  }

  public func probability(margin: Float) -> Double {
    logistic(slope * Double(margin) + intercept)
  }

  public func probabilities(margins: [Float]) -> [Double] {
    margins.map { probability(margin: $0) }
  }
}

/// Logistic regression of targets in (0, 1) on one input.
private struct LogisticFit {
  let inputs: [Double]
  let targets: [Double]

  typealias Line = (slope: Double, intercept: Double)

  func solution(from start: Line) -> Line {
    var line = start
    var loss = loss(line)
    for _ in 0..<100 {
      let step = newtonStep(at: line)
      // The expected decrease of the loss; below this, rounding is all that is left.
      guard step.decrease > 1e-12 * max(1, loss) else { break }
      var size = 1.0
      var next = line
      var nextLoss = Double.infinity
      while size > 1e-10 {
        next = (line.slope + size * step.slope, line.intercept + size * step.intercept)
        nextLoss = self.loss(next)
        if nextLoss <= loss - 1e-4 * size * step.decrease { break }
        size /= 2
      }
      guard nextLoss < loss else { break }
      (line, loss) = (next, nextLoss)
    }
    return line
  }

  /// −Σ [t·ln p + (1−t)·ln(1−p)], with z = logit p kept out of the exponential's overflow.
  private func loss(_ line: Line) -> Double {
    zip(inputs, targets).reduce(0) { sum, row in
      let z = line.slope * row.0 + line.intercept
      return sum + max(z, 0) - row.1 * z + log1p(exp(-abs(z)))
    }
  }

  private func newtonStep(at line: Line) -> (slope: Double, intercept: Double, decrease: Double) {
    // A little on the diagonal keeps the system solvable where all p are near 0 or 1.
    var (h11, h12, h22) = (1e-12, 0.0, 1e-12)
    var (g1, g2) = (0.0, 0.0)
    for (x, t) in zip(inputs, targets) {
      let p = logistic(line.slope * x + line.intercept)
      let (error, weight) = (p - t, p * (1 - p))
      g1 += error * x
      g2 += error
      h11 += weight * x * x
      h12 += weight * x
      h22 += weight
    }
    let determinant = h11 * h22 - h12 * h12
    let slope = -(h22 * g1 - h12 * g2) / determinant
    let intercept = -(h11 * g2 - h12 * g1) / determinant
    return (slope, intercept, -(g1 * slope + g2 * intercept))
  }
}

private func logistic(_ z: Double) -> Double {
  if z >= 0 { return 1 / (1 + exp(-z)) }
  let e = exp(z)
  return e / (1 + e)
}

private func logit(_ p: Double) -> Double { log(p / (1 - p)) }
