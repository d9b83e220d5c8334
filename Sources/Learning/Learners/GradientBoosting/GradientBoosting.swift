import CXGBoost
import Foundation

/// Settings of gradient-boosted trees for a yes-or-no label (XGBoost, `binary:logistic`, `hist`).
/// The defaults suit customer churn with some 10⁴ to 10⁶ rows: shallow trees whose leaves need some
/// weight, because the label is noisy, and few enough to be explained row by row.
public struct GradientBoosting: Learner, Hashable {
  public static let name = "gradient_boosting"
  public static let about =
    "Trees that each mend what those before got wrong (XGBoost): finds thresholds and combinations by itself."
  public static let usesChance = true
  public static var unavailable: String? { xgboost_unavailable().map { String(cString: $0) } }

  public static let settings: [Setting<Self>] = [
    Setting("rounds", "How many trees are grown.", .whole(\.rounds, 1...10_000)),
    Setting("depth", "The greatest depth of a tree.", .whole(\.depth, 1...20)),
    Setting(
      "learning_rate", "How much each tree counts.", .number(\.learningRate, .above(0, atMost: 1))),
    Setting(
      "subsample", "The share of rows that a tree sees.",
      .number(\.subsample, .above(0, atMost: 1))),
    Setting(
      "column_sample", "The share of features that a tree sees.",
      .number(\.columnSample, .above(0, atMost: 1))),
    Setting(
      "min_child_weight",
      "The least weight of a leaf, the sum of p(1 - p) over its rows. Left out, it follows the share of true labels and the number of rows.",
      .optionalNumber(
        \.minChildWeight, .atLeast(0), leftOut: "it follows the rows and the base rate")),
    Setting("lambda", "The L2 penalty on the values of leaves.", .number(\.lambda, .atLeast(0))),
  ]

  public var rounds = 120
  public var depth = 4
  public var learningRate = 0.1
  public var subsample = 0.8
  public var columnSample = 0.8
  /// Nil takes `minChildWeight(forTotal:)` of the rows.
  public var minChildWeight: Double?
  public var lambda = 1.0
  public var seed: UInt32 = 1
  public var threads = ProcessInfo.processInfo.activeProcessorCount

  public init() {}

  /// A fiftieth of the hessians of all rows, at most 20: a group of 2 % of the rows can be told from the
  /// others, however rare the label is. A fixed bound would ask for more rows as the label becomes
  /// rarer: with 20, a leaf at a base rate of 3.5 % needs 600, and of a few thousand nothing is learnt.
  /// - Parameter hessians: Σ p(1−p) over the rows, with p the base rate.
  public static func minChildWeight(forTotal hessians: Double) -> Double {
    min(20, hessians / 50)
  }

  public func train(
    _ data: TrainingSet, onProgress: LearningProgress?
  ) async throws -> TrainedTrees {
    try checkSettings()
    guard (1...1024).contains(threads) else {
      throw LearningError.invalidSetting(
        name: "threads", value: "\(threads)", allowed: "between 1 and 1024")
    }
    let names = data.featureNames
    return try await withXGBoost(named: "training") { cancellation in
      let matrix = try DataMatrix.quantiles(of: data.parts, threads: threads)
      try matrix.set("label", to: data.labels.map { $0 ? 1 : 0 })
      if let weights = data.weights { try matrix.set("weight", to: weights) }
      let booster = try Booster.training(on: matrix)
      let (baseRate, weight) = Self.baseRate(data.labels, data.weights)
      for (name, value) in parameters(baseRate: baseRate, weight: weight) {
        try booster.set(name, to: value)
      }
      for round in 0..<rounds {
        try cancellation.check()
        try booster.update(round: round, with: matrix)
        onProgress?(round + 1, rounds)
      }
      try booster.setFeatureNames(names)
      return TrainedTrees(serialized: try booster.serialized(), featureNames: names)
    }
  }

  private func parameters(baseRate: Double, weight: Double) -> [(String, String)] {
    let least =
      minChildWeight ?? Self.minChildWeight(forTotal: weight * baseRate * (1 - baseRate))
    return [
      ("objective", "binary:logistic"), ("tree_method", "hist"), ("verbosity", "0"),
      // Trees begin at the base rate, so that no round is spent on finding it.
      ("base_score", "\(baseRate)"),
      ("max_depth", "\(depth)"), ("eta", "\(learningRate)"), ("subsample", "\(subsample)"),
      ("colsample_bytree", "\(columnSample)"), ("min_child_weight", "\(least)"),
      ("lambda", "\(lambda)"), ("seed", "\(seed)"), ("nthread", "\(threads)"),
    ]
  }

  /// The rate of positives, and the weight of all rows.
  private static func baseRate(
    _ labels: [Bool], _ weights: [Float]?
  ) -> (rate: Double, weight: Double) {
    guard let weights else {
      return (Double(labels.count { $0 }) / Double(labels.count), Double(labels.count))
    }
    let (positive, all) = zip(labels, weights).reduce((0.0, 0.0)) { sum, row in
      (sum.0 + (row.0 ? Double(row.1) : 0), sum.1 + Double(row.1))
    }
    return (positive / all, all)
  }
}
