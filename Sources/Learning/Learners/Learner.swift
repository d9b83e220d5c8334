/// Called on the computing thread with the steps done and all steps.
public typealias LearningProgress = @Sendable (_ done: Int, _ all: Int) -> Void

/// An algorithm that learns a yes-or-no label from numbers, with its settings: their defaults are those
/// of `init()`.
///
/// An algorithm lives in one folder of its own, beside the model that it makes. Where pipelines may name
/// it, one line says so; their keys, checks and reference follow from `settings`.
public protocol Learner: Sendable {
  associatedtype Model: TrainedModel
  /// What pipelines call it, such as `gradient_boosting`.
  static var name: String { get }
  /// What it is, in one sentence.
  static var about: String { get }
  static var settings: [Setting<Self>] { get }
  /// Whether equal rows give another model with another seed.
  static var usesChance: Bool { get }
  /// Why it cannot learn on this machine; nil where it can. Nothing else needs what it lacks.
  static var unavailable: String? { get }
  /// Equal rows, settings and seed give equal models, whatever the number of threads.
  var seed: UInt32 { get set }

  init()

  /// Trains on a thread of its own.
  /// - Throws: `LearningError`; `CancellationError` between two steps.
  func train(_ data: TrainingSet, onProgress: LearningProgress?) async throws -> Model
}

extension Learner {
  /// Trains on one matrix.
  public func train(
    _ features: FeatureMatrix, labels: [Bool], weights: [Float]? = nil,
    onProgress: LearningProgress? = nil
  ) async throws -> Model {
    try await train([features], labels: labels, weights: weights, onProgress: onProgress)
  }

  /// Trains on the rows of several parts, as `TrainingSet` takes them.
  public func train(
    _ parts: [FeatureMatrix], labels: [Bool], weights: [Float]? = nil,
    onProgress: LearningProgress? = nil
  ) async throws -> Model {
    try await train(
      TrainingSet(parts, labels: labels, weights: weights), onProgress: onProgress)
  }

  /// Its name, and the settings that are not those it comes with:
  /// `gradient_boosting (rounds 200, depth 6)`.
  public var summary: String {
    let plain = Self()
    let changed = Self.settings.compactMap { setting -> String? in
      guard let text = setting.text(in: self), text != setting.text(in: plain) else { return nil }
      return "\(setting.name) \(text)"
    }
    return Self.name + (changed.isEmpty ? "" : " (\(changed.joined(separator: ", ")))")
  }

  /// - Throws: `LearningError.invalidSetting` for the first setting that is beyond its limits.
  func checkSettings() throws {
    for setting in Self.settings {
      guard let text = setting.text(in: self), !setting.isWithinLimits(in: self) else { continue }
      throw LearningError.invalidSetting(name: setting.name, value: text, allowed: setting.limits)
    }
  }
}
