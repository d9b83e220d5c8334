/// How features that are texts become numbers, for any learner: for each frequent value whether it is
/// that one, for all rare values together whether it is one of them, and whether there is none.
public struct CategoryEncoding: Sendable, Hashable, Codable {
  /// How many values of a feature have a number of their own, and the least share of rows for that, of
  /// few rows two. Rarer ones would be learnt by heart.
  public static let mostValues = 20
  public static let leastShare = 0.01

  public struct Feature: Sendable, Hashable, Codable {
    public let name: String
    /// Those with a number of their own, the most frequent first.
    public let values: [String]
    /// How many values share one, in the rows learnt from.
    public let rareValues: Int
    /// Whether there were rows without a value.
    public let hasMissing: Bool

    /// The names of its numbers. They hold no value, so that reports can name them.
    public var numberNames: [String] {
      values.indices.map { "\(name):\($0 + 1)" } + (rareValues > 0 ? ["\(name):rare"] : [])
        + (hasMissing ? ["\(name):none"] : [])
    }

    /// Its numbers for some texts, 0 or 1. A text that was not learnt from counts as a rare one.
    func numbers(of texts: [String?]) -> [[Float]] {
      let places = Dictionary(uniqueKeysWithValues: values.enumerated().map { ($1, $0) })
      var columns = numberNames.map { _ in [Float](repeating: 0, count: texts.count) }
      for (row, text) in texts.enumerated() {
        let place: Int? =
          if let text {
            places[text] ?? (rareValues > 0 ? values.count : nil)
          } else { hasMissing ? columns.count - 1 : nil }
        if let place { columns[place][row] = 1 }
      }
      return columns
    }
  }

  public let features: [Feature]

  public static let none = Self(features: [])

  private init(features: [Feature]) { self.features = features }

  /// - Parameter texts: for each feature its values in all rows that are learnt from; nil where one is
  ///   missing.
  public init(names: [String], fitting texts: [[String?]]) {
    features = zip(names, texts).map { Self.feature($0, $1) }
  }

  private static func feature(_ name: String, _ texts: [String?]) -> Feature {
    var counts: [String: Int] = [:]
    for text in texts { if let text { counts[text, default: 0] += 1 } }
    let least = max(2, Int((leastShare * Double(texts.count)).rounded(.up)))
    let frequent = counts.filter { $0.value >= least }
      // Of equally frequent ones the least first, by its bytes: the same on every machine.
      .sorted {
        $0.value != $1.value
          ? $0.value > $1.value : $0.key.utf8.lexicographicallyPrecedes($1.key.utf8)
      }
      .prefix(mostValues).map(\.key)
    return Feature(
      name: name, values: frequent, rareValues: counts.count - frequent.count,
      hasMissing: texts.contains(nil))
  }

  public var names: [String] { features.map(\.name) }

  /// The names that a feature has in the matrix: its own, or those of its numbers.
  public func numberNames(of feature: String) -> [String] {
    features.first { $0.name == feature }?.numberNames ?? [feature]
  }

  /// The numbers, and behind them those of the texts.
  /// - Parameter texts: for each feature of the encoding its values in the matrix's rows.
  /// - Throws: `LearningError.shapeMismatch`, `.duplicateFeature`.
  public func matrix(_ numbers: FeatureMatrix, _ texts: [[String?]]) throws -> FeatureMatrix {
    guard !features.isEmpty else { return numbers }
    return try numbers.appending(
      names: features.flatMap(\.numberNames),
      columns: zip(features, texts).flatMap { $0.numbers(of: $1) })
  }
}
