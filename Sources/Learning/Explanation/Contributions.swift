/// What each feature adds to the margin (log-odds) of each row.
public struct Contributions: Sendable, Hashable {
  public let featureNames: [String]
  /// `rowCount` × (`featureNames.count` + 1) values, row after row; a row's last is its bias.
  public let values: [Float]

  /// - Precondition: `values` holds whole rows.
  init(featureNames: [String], values: [Float]) {
    self.featureNames = featureNames
    self.values = values
  }

  /// The values of a row: one for each feature, and the bias.
  public var width: Int { featureNames.count + 1 }
  public var rowCount: Int { values.count / width }

  /// The contributions of one row's features, without the bias.
  public func features(row: Int) -> ArraySlice<Float> {
    values[row * width..<(row + 1) * width - 1]
  }

  /// The margin of an average row, where the contributions begin.
  public func bias(row: Int) -> Float { values[(row + 1) * width - 1] }
}
