import Foundation
import Learning

/// Whether a model knows enough for its scores to be published without a person's word.
struct ModelVerdict: Sendable {
  /// Fewer rows of a class say nothing, whatever an interval says.
  static let fewestOfAClass = 5
  /// How much worse than recency alone matters to anybody.
  private static let tolerance = 0.02

  /// What speaks against publishing its scores; empty where nothing does.
  let objections: [String]

  /// - Parameters:
  ///   - training: the labels that it learnt from.
  ///   - review: of the features that it learnt from.
  init(
    label: String, training: [Bool], model: ModelQuality, recency: BaselineQuality,
    review: FeatureReview
  ) {
    let few =
      Self.few(label, rows: training.count, positives: training.count { $0 }, "learns from")
      ?? Self.few(label, rows: model.rows, positives: model.positives, "is judged by")
    objections =
      few.map { [$0] }
      ?? [Self.chance(model, review), Self.worse(model, than: recency)].compactMap { $0 }
  }

  private static func few(
    _ label: String, rows: Int, positives: Int, _ what: String
  ) -> String? {
    let fewest = min(positives, rows - positives)
    guard fewest < fewestOfAClass else { return nil }
    let which = positives == fewest ? label : "not \(label)"
    return "only \(fewest) of the \(rows) rows that it \(what) "
      + "\(fewest == 1 ? "is" : "are") \(which), and nothing can be said with less than "
      + "\(fewestOfAClass)"
  }

  private static func chance(_ model: ModelQuality, _ review: FeatureReview) -> String? {
    guard let auc = model.rocAUC, !model.isBetterThanChance else { return nil }
    let silent = review.constant.count + review.empty.count
    return "it ranks no better than chance: AUC \(TrainingReport.text(auc))"
      + "\(TrainingReport.interval(model)), \(model.positives) of \(model.rows) rows positive"
      + (silent > 0 ? "; \(silent) features are constant or empty" : "")
  }

  private static func worse(_ model: ModelQuality, than recency: BaselineQuality) -> String? {
    guard let auc = model.rocAUC, let simple = recency.rocAUC, simple - auc > tolerance,
      let errors = recency.errorsAboveModel, errors > RankingArea.errors
    else { return nil }
    return "it ranks worse than recency alone: AUC \(TrainingReport.text(auc)) beside "
      + TrainingReport.text(simple)
  }
}

/// What is told of a model to those who score with it.
struct ModelStanding: Sendable, Codable, Hashable {
  /// The share of positive labels at each cutoff, the validation's last.
  var baseRates: [Double]
  /// What speaks against publishing its scores.
  var objections: [String]
  /// Why they are published nevertheless.
  var publishedAnyway: String?

  /// What holds a run that would publish its scores.
  var holds: [String] { publishedAnyway == nil ? objections : [] }

  /// What to say where scores lie far from everything that was learnt: their mean has more than twice
  /// the odds of every base rate, or less than half, by more than chance explains.
  /// - Parameter scores: of those that are eligible tonight.
  func warning(of scores: [Double], model: String) -> String? {
    guard let lowest = baseRates.min(), let highest = baseRates.max(), !scores.isEmpty else {
      return nil
    }
    let mean = scores.reduce(0, +) / Double(scores.count)
    let nearest = mean > highest ? highest : lowest
    let error = (nearest * (1 - nearest) / Double(scores.count)).squareRoot()
    func odds(_ rate: Double) -> Double { rate / (1 - rate) }
    guard abs(mean - nearest) > 3 * error,
      odds(mean) > 2 * odds(highest) || odds(mean) < odds(lowest) / 2
    else { return nil }
    let rates = Set([lowest, highest].map(TrainingReport.text)).sorted().joined(separator: " to ")
    return "tonight's scores of model \(model) lie far from what it learnt: their mean is "
      + "\(TrainingReport.text(mean)), the share of true labels at its cutoffs \(rates); look at "
      + "which features have changed since, and whether the data go up to the as-of"
  }
}
