/// Rows of numeric features for a model: row-major 32-bit floats, NaN where a value is missing.
public struct FeatureMatrix: Sendable {
  /// `rowCount` × `names.count` values, row after row.
  public let values: [Float]
  public let rowCount: Int
  /// The features' names in column order; all different.
  public let names: [String]

  public var featureCount: Int { names.count }

  /// - Parameter columns: a column for each name, all of one length; NaN where a value is missing.
  /// - Throws: `LearningError` if lengths differ or a name stands twice.
  public init(names: [String], columns: [[Float]]) throws {
    try Self.checkNames(names)
    guard columns.count == names.count else {
      throw LearningError.shapeMismatch(
        what: "columns for the features' names", found: columns.count, expected: names.count)
    }
    let rowCount = columns.first?.count ?? 0
    for (name, column) in zip(names, columns) where column.count != rowCount {
      throw LearningError.shapeMismatch(
        what: "rows of feature '\(name)'", found: column.count, expected: rowCount)
    }
    self.names = names
    self.rowCount = rowCount
    values = Self.transposed(columns, rowCount: rowCount)
  }

  private init(values: [Float], rowCount: Int, names: [String]) {
    self.values = values
    self.rowCount = rowCount
    self.names = names
  }

  /// The same rows with further features behind the others.
  /// - Throws: as `init`.
  func appending(names more: [String], columns: [[Float]]) throws -> FeatureMatrix {
    let added = try FeatureMatrix(names: more, columns: columns)
    // Without features it does not know of how many rows.
    guard featureCount > 0 else { return added }
    guard added.featureCount > 0 else { return self }
    try Self.checkNames(names + more)
    guard added.rowCount == rowCount else {
      throw LearningError.shapeMismatch(
        what: "rows of further features", found: added.rowCount, expected: rowCount)
    }
    var values: [Float] = []
    values.reserveCapacity(rowCount * (featureCount + added.featureCount))
    for row in 0..<rowCount {
      values += self.values[row * featureCount..<(row + 1) * featureCount]
      values += added.values[row * added.featureCount..<(row + 1) * added.featureCount]
    }
    return FeatureMatrix(values: values, rowCount: rowCount, names: names + more)
  }

  public subscript(row: Int, feature: Int) -> Float { values[row * featureCount + feature] }

  private static func transposed(_ columns: [[Float]], rowCount: Int) -> [Float] {
    let width = columns.count
    // Blocks of rows stay in the cache while every column writes its stripe into them.
    let blockRows = 256
    return [Float](unsafeUninitializedCapacity: rowCount * width) { out, count in
      for start in stride(from: 0, to: rowCount, by: blockRows) {
        let end = min(start + blockRows, rowCount)
        for (feature, column) in columns.enumerated() {
          column.withUnsafeBufferPointer { column in
            for row in start..<end {
              out.initializeElement(at: row * width + feature, to: column[row])
            }
          }
        }
      }
      count = rowCount * width
    }
  }
}

extension FeatureMatrix {
  private static func checkNames(_ names: [String]) throws {
    var seen: Set<String> = []
    for name in names where !seen.insert(name).inserted {
      throw LearningError.duplicateFeature(name)
    }
  }

  /// - Throws: `LearningError.infiniteValues` naming the first feature that holds an infinity,
  ///   which XGBoost would refuse without saying where it stands.
  func checkNoInfinity() throws {
    guard let first = values.firstIndex(where: \.isInfinite) else { return }
    let feature = first % featureCount
    let rows = stride(from: feature, to: values.count, by: featureCount)
      .count { values[$0].isInfinite }
    throw LearningError.infiniteValues(feature: names[feature], rows: rows)
  }
}

/// - Throws: `LearningError.featuresDiffer` unless `names` are `expected`, in that order.
func checkFeatures(_ names: [String], equal expected: [String]) throws {
  guard names != expected else { return }
  let (found, wanted) = (Set(names), Set(expected))
  throw LearningError.featuresDiffer(
    missing: expected.filter { !found.contains($0) },
    unexpected: names.filter { !wanted.contains($0) })
}
