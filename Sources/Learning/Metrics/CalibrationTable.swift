/// Predicted beside observed rates, in bins of equal mass from the lowest probabilities to the
/// highest. Bins of equal width would hide errors where few rows fall.
public struct CalibrationTable: Sendable, Hashable, Codable {
  public struct Bin: Sendable, Hashable, Codable {
    public var count: Int
    public var meanPredicted: Double
    /// The rate of positives.
    public var observed: Double
  }
  public let bins: [Bin]

  /// Bin b of B holds the rows of rank ⌊b·n/B⌋ up to ⌊(b+1)·n/B⌋. Rows with one probability that
  /// fall in two bins share their positives out evenly, so that the order of rows does not matter.
  /// Fewer rows than bins give fewer bins.
  /// - Throws: `LearningError.shapeMismatch`, `.notFinite`.
  public init(probabilities: [Double], labels: [Bool], binCount: Int = 10) throws {
    let invalid = probabilities.count { !$0.isFinite }
    guard invalid == 0 else { throw LearningError.notFinite(what: "probabilities", rows: invalid) }
    let ranking = try Ranking(scores: probabilities, labels: labels)
    let (rows, binCount) = (ranking.rowCount, max(1, binCount))
    var ties = ranking.ties.reversed().makeIterator()
    var tie = ties.next()
    var leftInTie = tie?.count ?? 0
    bins = (0..<binCount).compactMap { bin in
      let count = (bin + 1) * rows / binCount - bin * rows / binCount
      var (left, predicted, positives) = (count, 0.0, 0.0)
      while left > 0, let current = tie {
        let taken = min(left, leftInTie)
        predicted += current.score * Double(taken)
        positives += Double(current.positives) * Double(taken) / Double(current.count)
        left -= taken
        leftInTie -= taken
        if leftInTie == 0 {
          tie = ties.next()
          leftInTie = tie?.count ?? 0
        }
      }
      return count == 0
        ? nil
        : Bin(
          count: count, meanPredicted: predicted / Double(count),
          observed: positives / Double(count))
    }
  }

  /// The expected calibration error, Σ (n_b/n)·|mean predicted − observed| over the bins (Naeini,
  /// Cooper and Hauskrecht 2015). Nil without rows.
  public var expectedCalibrationError: Double? {
    let rows = bins.reduce(0) { $0 + $1.count }
    guard rows > 0 else { return nil }
    return bins.reduce(0) { $0 + Double($1.count) * abs($1.meanPredicted - $1.observed) }
      / Double(rows)
  }
}
