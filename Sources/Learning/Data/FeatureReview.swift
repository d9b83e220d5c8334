/// Features from which nothing can be learnt, and such as tell the classes apart all by themselves.
public struct FeatureReview: Sendable, Hashable {
  /// Features with one value in every row, none of them missing.
  public let constant: [String]
  /// Features without a value in any row.
  public let empty: [String]

  /// - Parameter parts: the rows, such as those of several cutoffs; all of the same features.
  public init(_ parts: [FeatureMatrix]) {
    let names = parts.first?.names ?? []
    let rows = parts.reduce(0) { $0 + $1.rowCount }
    var constant: [String] = []
    var empty: [String] = []
    for (feature, name) in names.enumerated() where rows > 0 {
      switch Self.values(of: feature, parts) {
      case .none: empty.append(name)
      case .one: constant.append(name)
      case .several: break
      }
    }
    self.constant = constant
    self.empty = empty
  }

  private enum Values { case none, one, several }

  private static func values(of feature: Int, _ parts: [FeatureMatrix]) -> Values {
    var first: Float?
    var hasMissing = false
    for part in parts {
      for row in 0..<part.rowCount {
        let value = part[row, feature]
        if value.isNaN {
          hasMissing = true
        } else if let first {
          if value != first { return .several }
        } else {
          first = value
        }
        // Whether there is a value tells rows apart too.
        if hasMissing, first != nil { return .several }
      }
    }
    return first == nil ? .none : .one
  }

  /// The features that tell the classes apart by themselves, the best first, each with its area under
  /// the ROC curve, turned the better way.
  /// - Parameters:
  ///   - least: the least area that counts.
  ///   - most: how many are wanted.
  /// - Throws: `LearningError.shapeMismatch`.
  public static func telling(
    _ features: FeatureMatrix, labels: [Bool], from least: Double, atMost most: Int
  ) throws -> [(name: String, auc: Double)] {
    var found: [(name: String, auc: Double)] = []
    for (feature, name) in features.names.enumerated() {
      let values = (0..<features.rowCount).map { features[$0, feature] }
      guard let auc = try turnedArea(values, labels), auc >= least else { continue }
      found.append((name, auc))
    }
    return Array(found.sorted { ($1.auc, $0.name) < ($0.auc, $1.name) }.prefix(most))
  }

  /// What is missing may stand at either end.
  private static func turnedArea(_ values: [Float], _ labels: [Bool]) throws -> Double? {
    let areas = try [values, values.map { $0.isNaN ? .infinity : $0 }]
      .compactMap { try Ranking(scores: $0, labels: labels).rocAUC }
    return areas.map { max($0, 1 - $0) }.max()
  }
}
