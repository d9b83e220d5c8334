/// How features are brought to one scale: mean 0 and deviation 1 over the rows learnt from. A missing value
/// counts as the mean; that it is missing is a number of its own, where some are and some are not.
struct FeatureScaling {
  struct Feature {
    var mean = 0.0
    /// 0 where there are not two different values.
    var deviation = 0.0
    /// The share of rows without a value.
    var missing = 0.0

    /// Of the number that says whether the value is missing; 0 where all are, or none.
    var missingDeviation: Double { (missing * (1 - missing)).squareRoot() }
    var hasValues: Bool { deviation > 0 }
    var hasMissing: Bool { missing > 0 && missing < 1 }
  }

  let features: [Feature]

  init(_ rows: LearntRows) {
    let width = rows.data.featureNames.count
    var sums = [Double](repeating: 0, count: width)
    var counts = [Int](repeating: 0, count: width)
    var lowest = [Float](repeating: .infinity, count: width)
    var highest = [Float](repeating: -.infinity, count: width)
    rows.visit { values, _ in
      for (feature, value) in values.enumerated() where !value.isNaN {
        sums[feature] += Double(value)
        counts[feature] += 1
        lowest[feature] = min(lowest[feature], value)
        highest[feature] = max(highest[feature], value)
      }
    }
    let means = zip(sums, counts).map { $1 > 0 ? $0 / Double($1) : 0 }
    // In a second pass, so that large numbers that differ little keep their difference.
    var squares = [Double](repeating: 0, count: width)
    rows.visit { values, _ in
      for (feature, value) in values.enumerated() where !value.isNaN {
        let distance = Double(value) - means[feature]
        squares[feature] += distance * distance
      }
    }
    features = (0..<width).map { feature in
      let count = Double(max(1, counts[feature]))
      return Feature(
        mean: means[feature],
        deviation: lowest[feature] < highest[feature] ? (squares[feature] / count).squareRoot() : 0,
        missing: Double(rows.count - counts[feature]) / Double(max(1, rows.count)))
    }
  }

  /// How many numbers a row becomes, without the one for the intercept.
  var width: Int { features.reduce(0) { $0 + ($1.hasValues ? 1 : 0) + ($1.hasMissing ? 1 : 0) } }
}
