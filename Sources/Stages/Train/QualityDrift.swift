import Foundation
import Learning
import PipelineFiles
import Relations

/// Whether a model ranks clearly worse than those of the last published runs: by more than chance
/// explains, and by enough to matter.
struct QualityDrift {
  /// How many runs are looked at.
  static let runs = 7
  /// A fall of the AUC that nobody needs to look into.
  private static let tolerance = 0.02
  /// Standard errors of the AUC that chance explains.
  private static let errors = 3.0

  let messages: [String]

  init(_ quality: ModelQuality, past: [PastStage]) {
    let before = past.compactMap { $0.details.details(as: TrainingDetails.self)?.model.auc }
    guard let auc = quality.rocAUC, let usual = before.median,
      let error = RankingPrecision.standardError(
        auc: usual, positives: quality.positives, negatives: quality.rows - quality.positives),
      usual - auc > max(Self.tolerance, Self.errors * error)
    else {
      messages = []
      return
    }
    let runs = before.count == 1 ? "run" : "\(before.count) runs"
    messages = [
      String(
        format: "the model's AUC is %.3f, and the median of the last published \(runs) is %.3f: "
          + "find out which features or which customers have changed", auc, usual)
    ]
  }
}
