/// How well a model did on rows that it was not trained on.
public struct ModelQuality: Sendable, Hashable, Codable {
  public let rows: Int
  public let positives: Int
  /// Nil if a class is missing; see `Ranking`.
  public let rocAUC: Double?
  public let averagePrecision: Double?
  public let topDecileLift: Double?
  public let logLoss: Double?
  public let brier: Double?
  public let calibration: CalibrationTable
  /// The area of `rocAUC` lies between these with a probability of 95 %; nil where a class has fewer
  /// than two rows.
  public let lowerAUC: Double?
  public let upperAUC: Double?
  /// Whether the order of the rows is better than chance explains; see `RankingArea`.
  public let isBetterThanChance: Bool

  public var baseRate: Double? { rows == 0 ? nil : Double(positives) / Double(rows) }

  /// - Parameter margins: the order of rows; calibrated probabilities may tie where margins do not.
  /// - Throws: `LearningError.shapeMismatch`, `.notFinite`.
  public init(margins: [Float], probabilities: [Double], labels: [Bool]) throws {
    try self.init(
      margins: margins, probabilities: probabilities, labels: labels,
      area: try RankingArea(scores: margins, labels: labels))
  }

  /// - Parameter area: that of the margins.
  public init(
    margins: [Float], probabilities: [Double], labels: [Bool], area: RankingArea?
  ) throws {
    let ranking = try Ranking(scores: margins, labels: labels)
    rows = ranking.rowCount
    positives = ranking.positives
    rocAUC = ranking.rocAUC
    averagePrecision = ranking.averagePrecision
    topDecileLift = ranking.lift()
    logLoss = try ProbabilityLoss.logLoss(probabilities: probabilities, labels: labels)
    brier = try ProbabilityLoss.brier(probabilities: probabilities, labels: labels)
    calibration = try CalibrationTable(probabilities: probabilities, labels: labels)
    lowerAUC = area?.interval?.lowerBound
    upperAUC = area?.interval?.upperBound
    isBetterThanChance = area?.isBetterThanChance ?? false
  }
}

/// How well a single column ranks by itself, such as recency: what a model has to beat. A column of
/// which less is likelier is turned, for nobody would use it the wrong way round.
public struct BaselineQuality: Sendable, Hashable, Codable {
  /// At least a half; nil if a class is missing.
  public let rocAUC: Double?
  public let averagePrecision: Double?
  public let topDecileLift: Double?
  /// Whether the lower values are the likelier ones.
  public let isTurned: Bool
  /// How many standard errors the area lies above that of a model on the same rows; nil where that
  /// cannot be said.
  public let errorsAboveModel: Double?

  /// - Parameters:
  ///   - scores: higher is likelier, or lower; NaN is missing and ranks below every other.
  ///   - model: the area of a model on the same rows, in the same order.
  /// - Throws: `LearningError.shapeMismatch`.
  public init(
    scores: [some BinaryFloatingPoint & Sendable], labels: [Bool], beside model: RankingArea?
  ) throws {
    var scores = scores
    var ranking = try Ranking(scores: scores, labels: labels)
    isTurned = ranking.rocAUC.map { $0 < 0.5 } ?? false
    if isTurned {
      scores = scores.map { -$0 }
      ranking = try Ranking(scores: scores, labels: labels)
    }
    errorsAboveModel = try model.flatMap {
      try RankingArea(scores: scores, labels: labels)?.errors(above: $0)
    }
    rocAUC = ranking.rocAUC
    averagePrecision = ranking.averagePrecision
    topDecileLift = ranking.lift()
  }
}
