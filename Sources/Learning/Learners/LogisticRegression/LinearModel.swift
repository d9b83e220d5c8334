import Foundation

/// A linear model of log-odds: an intercept, and for each feature how far it moves the log-odds from where
/// they stand at its mean.
public struct LinearModel: TrainedModel, Hashable {
  public static let format = "linear-1"

  /// What one feature adds.
  public struct Term: Sendable, Hashable, Codable {
    public let feature: String
    /// Over the rows learnt from.
    public let mean: Double
    /// 0 where there were not two different values; then it adds nothing.
    public let deviation: Double
    /// What one deviation adds.
    public let coefficient: Double
    /// The share of rows without a value.
    public let missing: Double
    /// What a missing value adds beside one that is there.
    public let missingCoefficient: Double

    /// What a value adds to the log-odds of an average row; NaN is a missing one.
    func contribution(of value: Float) -> Double {
      guard !value.isNaN else { return missingCoefficient * (1 - missing) }
      let moved = deviation > 0 ? coefficient * ((Double(value) - mean) / deviation) : 0
      return moved - missingCoefficient * missing
    }
  }

  /// The log-odds of an average row.
  public let intercept: Double
  public let terms: [Term]
  /// How many rows it was learnt from, and how many there were.
  public let learntRows: Int
  public let givenRows: Int

  public var featureNames: [String] { terms.map(\.feature) }

  /// - Parameter weights: of the scaled numbers, in the order of `LinearProblem`.
  init(_ scaling: FeatureScaling, weights: [Double], rows: LearntRows) {
    var rest = weights[...]
    terms = zip(rows.data.featureNames, scaling.features).map { name, feature in
      let coefficient = feature.hasValues ? rest.removeFirst() : 0
      let missing = feature.hasMissing ? rest.removeFirst() / feature.missingDeviation : 0
      return Term(
        feature: name, mean: feature.mean, deviation: feature.deviation, coefficient: coefficient,
        missing: feature.missing, missingCoefficient: missing)
    }
    intercept = rest.first ?? 0
    learntRows = rows.count
    givenRows = rows.data.rowCount
  }
}

// MARK: - Use

extension LinearModel {
  /// Bounds the wait for a cancellation.
  private static let rowsAtOnce = 32_768

  public func margins(_ features: FeatureMatrix) async throws -> [Float] {
    try await overRows(of: features, width: 1) { values, result in
      var margin = intercept
      for (term, value) in zip(terms, values) { margin += term.contribution(of: value) }
      result.append(Self.finite(margin))
    }
  }

  /// With the mean of the other features, what a feature adds is its Shapley value whatever the order in
  /// which features are looked at, since none of them changes what another one adds.
  public func contributions(
    _ features: FeatureMatrix, onProgress: LearningProgress?
  ) async throws -> Contributions {
    let values = try await overRows(of: features, width: terms.count + 1, onProgress) {
      values, result in
      for (term, value) in zip(terms, values) {
        result.append(Self.finite(term.contribution(of: value)))
      }
      result.append(Float(intercept))
    }
    return Contributions(featureNames: featureNames, values: values)
  }

  /// A value far beyond those learnt from moves the log-odds further than a Float can say.
  private static func finite(_ number: Double) -> Float {
    let most = Double(Float.greatestFiniteMagnitude)
    return Float(min(max(number, -most), most))
  }

  private func overRows(
    of features: FeatureMatrix, width: Int, _ onProgress: LearningProgress? = nil,
    _ body: @escaping @Sendable (ArraySlice<Float>, inout [Float]) -> Void
  ) async throws -> [Float] {
    try checkFeatures(features.names, equal: featureNames)
    try features.checkNoInfinity()
    return try await onLearningThread(named: "prediction") { cancellation in
      var result: [Float] = []
      result.reserveCapacity(features.rowCount * width)
      let count = features.featureCount
      for start in stride(from: 0, to: features.rowCount, by: Self.rowsAtOnce) {
        try cancellation.check()
        let end = min(start + Self.rowsAtOnce, features.rowCount)
        for row in start..<end {
          body(features.values[row * count..<(row + 1) * count], &result)
        }
        onProgress?(end, features.rowCount)
      }
      return result
    }
  }
}

// MARK: - What there is to say of it

extension LinearModel {
  /// How many coefficients are named.
  private static let named = 5

  public var remarks: [String] {
    let missing = terms.count { $0.missing > 0 && $0.missing < 1 }
    let largest =
      terms.filter { $0.coefficient != 0 }
      .sorted { (abs($1.coefficient), $0.feature) < (abs($0.coefficient), $1.feature) }
      .prefix(Self.named)
      .map { "\($0.feature) \(String(format: "%+.2f", $0.coefficient))" }
    var remarks = [
      "features are scaled to mean 0 and deviation 1"
        + (missing > 0
          ? "; of \(missing) with missing values these count as the mean, and that they are missing "
            + "has a coefficient of its own" : "")
    ]
    if !largest.isEmpty {
      remarks.append(
        "log-odds for one deviation, the largest: \(largest.joined(separator: ", "))")
    }
    if learntRows < givenRows {
      remarks.append(
        "learnt from \(learntRows) of \(givenRows) rows, evenly spaced: more would take too much memory"
      )
    }
    return remarks
  }
}

// MARK: - As bytes: JSON

extension LinearModel: Codable {
  public var serialized: [UInt8] {
    get throws {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
      return Array(try encoder.encode(self))
    }
  }

  public init(serialized: [UInt8]) async throws {
    do {
      self = try JSONDecoder().decode(Self.self, from: Data(serialized))
    } catch {
      throw LearningError.damagedModel("it is no linear model")
    }
    guard !terms.isEmpty else { throw LearningError.damagedModel("it names no features") }
  }
}
