/// Rows with labels of both classes, checked: what any learner learns from.
public struct TrainingSet: Sendable {
  /// The rows, such as those of several cutoffs; all of the same features, none of them infinite.
  public let parts: [FeatureMatrix]
  /// One for each row; true is what a model gives a high margin.
  public let labels: [Bool]
  /// One for each row, finite and at least 0, above 0 for some of each class; nil weighs all rows alike.
  public let weights: [Float]?
  public let featureNames: [String]

  public var rowCount: Int { labels.count }

  /// - Throws: `LearningError` for what a library would fail on, or learn nonsense from.
  public init(_ parts: [FeatureMatrix], labels: [Bool], weights: [Float]? = nil) throws {
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
    if let weights { try Self.check(weights, labels: labels) }
    for part in parts { try part.checkNoInfinity() }
    self.parts = parts
    self.labels = labels
    self.weights = weights
    featureNames = names
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
