/// What a learner has learnt. Any number of tasks may use it at once.
public protocol TrainedModel: Sendable {
  /// What its bytes are, and in which version: a word of the model file's first line.
  static var format: String { get }
  /// The features that it was trained on, in their order.
  var featureNames: [String] { get }
  /// What there is to say of how it came about, line by line: names and counts, never values of rows.
  var remarks: [String] { get }
  /// Itself, so that `init(serialized:)` gives a model with equal margins.
  var serialized: [UInt8] { get throws }

  /// - Throws: `LearningError.damagedModel`.
  init(serialized: [UInt8]) async throws

  /// The margin (log-odds) of each row; higher is likelier.
  /// - Throws: `LearningError.featuresDiffer`, `.infiniteValues`, `.library`; `CancellationError`.
  func margins(_ features: FeatureMatrix) async throws -> [Float]

  /// How much each feature adds to the margin of each row. A row's contributions and the bias sum to its
  /// margin.
  /// - Throws: as `margins`.
  func contributions(
    _ features: FeatureMatrix, onProgress: LearningProgress?
  ) async throws -> Contributions
}

extension TrainedModel {
  public var remarks: [String] { [] }

  public func contributions(_ features: FeatureMatrix) async throws -> Contributions {
    try await contributions(features, onProgress: nil)
  }
}
