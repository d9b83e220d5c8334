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

  public var baseRate: Double? { rows == 0 ? nil : Double(positives) / Double(rows) }

  /// - Parameter margins: the order of rows; calibrated probabilities may tie where margins do not.
  /// - Throws: `LearningError.shapeMismatch`, `.notFinite`.
  public init(margins: [Float], probabilities: [Double], labels: [Bool]) throws {
    let ranking = try Ranking(scores: margins, labels: labels)
    rows = ranking.rowCount
    positives = ranking.positives
    rocAUC = ranking.rocAUC
    averagePrecision = ranking.averagePrecision
    topDecileLift = ranking.lift()
    logLoss = try ProbabilityLoss.logLoss(probabilities: probabilities, labels: labels)
    brier = try ProbabilityLoss.brier(probabilities: probabilities, labels: labels)
    calibration = try CalibrationTable(probabilities: probabilities, labels: labels)
  }
}

/// How well a single column ranks by itself, such as recency: what a model has to beat.
public struct BaselineQuality: Sendable, Hashable, Codable {
  public let rocAUC: Double?
  public let averagePrecision: Double?
  public let topDecileLift: Double?

  /// - Parameter scores: higher is likelier; NaN is missing and ranks below every other.
  /// - Throws: `LearningError.shapeMismatch`.
  public init(scores: [some BinaryFloatingPoint & Sendable], labels: [Bool]) throws {
    let ranking = try Ranking(scores: scores, labels: labels)
    rocAUC = ranking.rocAUC
    averagePrecision = ranking.averagePrecision
    topDecileLift = ranking.lift()
  }
}
