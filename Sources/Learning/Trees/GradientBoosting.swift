import Foundation

/// Settings of gradient-boosted trees for a yes-or-no label (XGBoost, `binary:logistic`, `hist`).
/// The defaults suit customer churn with some 10⁴ to 10⁶ rows: shallow trees whose leaves need some
/// weight, because the label is noisy, and few enough to be explained row by row.
public struct GradientBoosting: Sendable, Hashable {
  public var rounds = 120
  /// The greatest depth of a tree.
  public var depth = 4
  public var learningRate = 0.1
  /// The share of rows that a tree sees.
  public var subsample = 0.8
  /// The share of features that a tree sees.
  public var columnSample = 0.8
  /// The least sum of hessians p·(1−p) in a leaf; nil takes `minChildWeight(forTotal:)` of the rows.
  public var minChildWeight: Double?
  /// The L2 penalty on leaf values.
  public var lambda = 1.0
  /// Equal data, settings and seed give equal trees, whatever the number of threads.
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

  /// Trains on a thread of its own.
  /// - Parameters:
  ///   - parts: the rows, such as those of several cutoffs; all of the same features.
  ///   - labels: one for each row; true is what the model gives a high margin.
  ///   - weights: one for each row, finite and at least 0; nil weighs all rows alike.
  ///   - onRound: called after each round, on the training thread, with the number of rounds done
  ///     and the number of all rounds.
  /// - Throws: `LearningError`; `CancellationError` between two rounds.
  public func train(
    _ parts: [FeatureMatrix], labels: [Bool], weights: [Float]? = nil,
    onRound: (@Sendable (_ done: Int, _ all: Int) -> Void)? = nil
  ) async throws -> TrainedTrees {
    try checkSettings()
    let names = try Self.check(parts, labels: labels, weights: weights)
    return try await withXGBoost(named: "training") { cancellation in
      let data = try DataMatrix.quantiles(of: parts, threads: threads)
      try data.set("label", to: labels.map { $0 ? 1 : 0 })
      if let weights { try data.set("weight", to: weights) }
      let booster = try Booster.training(on: data)
      let (baseRate, weight) = Self.baseRate(labels, weights)
      for (name, value) in parameters(baseRate: baseRate, weight: weight) {
        try booster.set(name, to: value)
      }
      for round in 0..<rounds {
        try cancellation.check()
        try booster.update(round: round, with: data)
        onRound?(round + 1, rounds)
      }
      try booster.setFeatureNames(names)
      return TrainedTrees(serialized: try booster.serialized(), featureNames: names)
    }
  }

  /// Trains on one matrix.
  public func train(
    _ features: FeatureMatrix, labels: [Bool], weights: [Float]? = nil,
    onRound: (@Sendable (_ done: Int, _ all: Int) -> Void)? = nil
  ) async throws -> TrainedTrees {
    try await train([features], labels: labels, weights: weights, onRound: onRound)
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

// MARK: - What XGBoost would fail on, or learn nonsense from

extension GradientBoosting {
  private func checkSettings() throws {
    func require(_ isValid: Bool, _ name: String, _ value: some Any, _ allowed: String) throws {
      guard !isValid else { return }
      throw LearningError.invalidSetting(name: name, value: "\(value)", allowed: allowed)
    }
    try require((1...100_000).contains(rounds), "rounds", rounds, "from 1 to 100000")
    try require((1...20).contains(depth), "depth", depth, "from 1 to 20")
    try require((1...1024).contains(threads), "threads", threads, "from 1 to 1024")
    for (name, share) in [
      ("learning rate", learningRate), ("subsample", subsample), ("column sample", columnSample),
    ] {
      try require(share > 0 && share <= 1, name, share, "above 0 and at most 1")
    }
    for (name, value) in [("minimum child weight", minChildWeight ?? 0), ("lambda", lambda)] {
      try require(value >= 0 && value.isFinite, name, value, "finite and at least 0")
    }
  }

  /// - Returns: the features' names.
  private static func check(
    _ parts: [FeatureMatrix], labels: [Bool], weights: [Float]?
  ) throws -> [String] {
    guard let names = parts.first?.names else { throw LearningError.noRows }
    for part in parts.dropFirst() { try checkFeatures(part.names, equal: names) }
    let rows = parts.reduce(0) { $0 + $1.rowCount }
    guard !names.isEmpty else { throw LearningError.noFeatures }
    guard labels.count == rows else {
      throw LearningError.shapeMismatch(what: "labels", found: labels.count, expected: rows)
    }
    guard rows > 0 else { throw LearningError.noRows }
    if let first = labels.first, labels.allSatisfy({ $0 == first }) {
      throw LearningError.oneClass(label: first, rows: rows)
    }
    if let weights { try check(weights, labels: labels) }
    for part in parts { try part.checkNoInfinity() }
    return names
  }

  private static func check(_ weights: [Float], labels: [Bool]) throws {
    guard weights.count == labels.count else {
      throw LearningError.shapeMismatch(
        what: "weights", found: weights.count, expected: labels.count)
    }
    let invalid = weights.count { !($0 >= 0 && $0.isFinite) }
    guard invalid == 0 else { throw LearningError.invalidWeights(rows: invalid) }
    for label in [false, true]
    where !zip(labels, weights).contains(where: { $0 == label && $1 > 0 }) {
      throw LearningError.weightlessClass(label: label)
    }
  }
}
