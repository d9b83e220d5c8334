import Foundation

/// A trained ensemble of trees. It is its serialized bytes: each call loads a booster of its own
/// from them (milliseconds), so that any number of tasks may predict at once.
public struct TrainedTrees: TrainedModel, Hashable {
  public static let format = "trees-1"

  /// The model in XGBoost's UBJ format.
  public let serialized: [UInt8]
  /// The features that it was trained on, in their order.
  public let featureNames: [String]

  init(serialized: [UInt8], featureNames: [String]) {
    self.serialized = serialized
    self.featureNames = featureNames
  }

  /// Give only bytes that are known to be intact: some that are not end the process inside XGBoost.
  /// `CalibratedModel` stores a digest for this.
  /// - Throws: `LearningError.damagedModel` unless `serialized` is a model with named features.
  public init(serialized: [UInt8]) async throws {
    let names = try await withXGBoost(named: "loading a model") { _ in
      try Booster.loading(serialized, threads: 1).featureNames()
    }
    guard !names.isEmpty else { throw LearningError.damagedModel("it names no features") }
    self.init(serialized: serialized, featureNames: names)
  }

  /// How many threads predict where nobody says it.
  static let threads = ProcessInfo.processInfo.activeProcessorCount

  public func margins(_ features: FeatureMatrix) async throws -> [Float] {
    try await margins(features, threads: Self.threads)
  }

  public func margins(_ features: FeatureMatrix, threads: Int) async throws -> [Float] {
    try await predict(.margin, features, width: 1, blockRows: 65_536, threads: threads)
  }

  /// Predicts block after block: bounds the memory of XGBoost's copies and the wait for a
  /// cancellation.
  func predict(
    _ output: Booster.Output, _ features: FeatureMatrix, width: Int, blockRows: Int, threads: Int,
    onProgress: LearningProgress? = nil
  ) async throws -> [Float] {
    try checkFeatures(features.names, equal: featureNames)
    try features.checkNoInfinity()
    let rowCount = features.rowCount
    guard rowCount > 0 else { return [] }
    return try await withXGBoost(named: "prediction") { cancellation in
      let booster = try Booster.loading(serialized, threads: threads)
      var values: [Float] = []
      values.reserveCapacity(rowCount * width)
      for start in stride(from: 0, to: rowCount, by: blockRows) {
        try cancellation.check()
        let end = min(start + blockRows, rowCount)
        let block = try DataMatrix(features, rows: start..<end, threads: threads)
        try booster.predict(output, block, appendingTo: &values)
        onProgress?(end, rowCount)
      }
      guard values.count == rowCount * width else {
        throw LearningError.shapeMismatch(
          what: "predictions", found: values.count, expected: rowCount * width)
      }
      return values
    }
  }
}
