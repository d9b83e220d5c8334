import Learning
import PipelineFiles

/// What a run keeps of a training for programs, and what later runs read of it. What earlier versions did
/// not write is optional.
struct TrainingDetails: Codable, Sendable {
  struct Cutoff: Codable, Sendable {
    var asOf: String
    /// `training` or `validation`.
    var use: String
    var rows: Int
    var positives: Int
    var baseRate: Double?
  }

  struct Model: Codable, Sendable {
    var auc: Double?
    var aucInterval: [Double?]?
    var averagePrecision: Double?
    var topDecileLift: Double?
    var logLoss: Double?
    var brier: Double?
    var calibrationError: Double?
  }

  struct Recency: Codable, Sendable {
    var auc: Double?
    var averagePrecision: Double?
    var topDecileLift: Double?
    var turned: Bool?
  }

  /// The learner, with the settings that are not those it comes with.
  var algorithm: String?
  var label: String?
  var cutoffs: [Cutoff]?
  var model: Model
  var recencyAlone: Recency?
  var constantFeatures: [String]?
  var emptyFeatures: [String]?
  var suspects: [String]?
  var objections: [String]?
}

extension TrainingDetails.Cutoff {
  init(_ sample: Sample, use: String) {
    self.init(
      asOf: sample.cutoff.rfc3339, use: use, rows: sample.labels.count,
      positives: sample.labels.count { $0 }, baseRate: sample.baseRate)
  }
}

extension TrainingDetails.Model {
  init(_ quality: ModelQuality) {
    self.init(
      auc: quality.rocAUC, aucInterval: [quality.lowerAUC, quality.upperAUC],
      averagePrecision: quality.averagePrecision, topDecileLift: quality.topDecileLift,
      logLoss: quality.logLoss?.ifFinite, brier: quality.brier?.ifFinite,
      calibrationError: quality.calibration.expectedCalibrationError?.ifFinite)
  }
}

extension TrainingDetails.Recency {
  init(_ quality: BaselineQuality) {
    self.init(
      auc: quality.rocAUC, averagePrecision: quality.averagePrecision,
      topDecileLift: quality.topDecileLift, turned: quality.isTurned)
  }
}

extension Double {
  /// JSON has no other numbers.
  fileprivate var ifFinite: Double? { isFinite ? self : nil }
}
