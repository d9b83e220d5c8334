/// Features put together into named causes. Correlated features split a contribution among
/// themselves; the sum over a cause is steadier, and means something to those who read it.
public struct CauseGroups: Sendable, Hashable {
  /// The cause of the features that are in no group.
  public static let other = "other"

  public struct Group: Sendable, Hashable, Codable {
    public var cause: String
    public var features: [String]

    public init(cause: String, features: [String]) {
      self.cause = cause
      self.features = features
    }
  }

  public let groups: [Group]
  public let featureNames: [String]
  /// The causes in the groups' order, then `other` if it has features.
  public let causes: [String]
  /// For each feature, the index of its cause.
  let causeOfFeature: [Int]

  /// - Throws: `LearningError.unknownFeatureInCause`, `.featureInTwoCauses`.
  public init(_ groups: [Group], featureNames: [String]) throws {
    var causes: [String] = []
    func index(of cause: String) -> Int {
      if let index = causes.firstIndex(of: cause) { return index }
      causes.append(cause)
      return causes.count - 1
    }
    let known = Set(featureNames)
    var causeOf: [String: Int] = [:]
    for group in groups {
      let cause = index(of: group.cause)
      for feature in group.features {
        guard known.contains(feature) else {
          throw LearningError.unknownFeatureInCause(cause: group.cause, feature: feature)
        }
        if let earlier = causeOf.updateValue(cause, forKey: feature), earlier != cause {
          throw LearningError.featureInTwoCauses(
            feature: feature, first: causes[earlier], second: group.cause)
        }
      }
    }
    causeOfFeature = featureNames.map { causeOf[$0] ?? index(of: Self.other) }
    self.groups = groups
    self.featureNames = featureNames
    self.causes = causes
  }

  /// Sums the contributions over each cause and ranks the causes of each row.
  /// - Parameter count: how many causes to keep for a row.
  /// - Throws: `LearningError.featuresDiffer` if the contributions are not of these features.
  public func ranked(_ contributions: Contributions, top count: Int) throws -> CauseRanking {
    try checkFeatures(contributions.featureNames, equal: featureNames)
    return CauseRanking(
      causes: causes, sums: sums(contributions), rowCount: contributions.rowCount, keeping: count)
  }

  /// `rowCount` × `causes.count` sums, row after row.
  func sums(_ contributions: Contributions) -> [Float] {
    let (rows, width, features) = (contributions.rowCount, causes.count, featureNames.count)
    var sums = [Float](repeating: 0, count: rows * width)
    sums.withUnsafeMutableBufferPointer { sums in
      contributions.values.withUnsafeBufferPointer { values in
        causeOfFeature.withUnsafeBufferPointer { causeOf in
          for row in 0..<rows {
            let (from, to) = (row * (features + 1), row * width)
            for feature in 0..<features { sums[to + causeOf[feature]] += values[from + feature] }
          }
        }
      }
    }
    return sums
  }
}
