import Foundation
import Frames
import Learning
import PipelineFiles

/// How good a model is, beside the simplest that one could do.
struct TrainingReport {
  /// The learner, with the settings that are not those it comes with.
  let algorithm: String
  /// What the model says of how it came about.
  let aboutModel: [String]
  let label: String
  let samples: [Sample]
  let validation: Sample
  let zone: CalendarZone
  let model: ModelQuality
  let recency: BaselineQuality
  let review: FeatureReview
  /// What is handed on with the model.
  let standing: ModelStanding
  /// Of a model that foresees too well, the features that do it.
  var telling: [(name: String, auc: Double)] = []

  /// Lines for a person.
  var notes: [String] {
    let cutoffs = samples.map { $0.cutoff.shortText(in: zone) }.joined(separator: ", ")
    let counted = samples.reduce(0) { $0 + $1.labels.count }
    return [
      "trained by \(algorithm) on \(counted) rows at \(cutoffs)",
      "validated on \(validation.labels.count) rows at \(validation.cutoff.shortText(in: zone)), "
        + "\(Self.text(validation.baseRate)) of them \(label)",
      "                 AUC    average precision   top-decile lift",
      Self.row("model", model.rocAUC, model.averagePrecision, model.topDecileLift),
      Self.row("recency alone", recency.rocAUC, recency.averagePrecision, recency.topDecileLift),
    ] + remarks
  }

  private var remarks: [String] {
    let learnt = samples.flatMap(\.labels)
    var remarks = [
      "\(label): \(learnt.count { $0 }) of \(learnt.count) rows learnt from, "
        + "\(model.positives) of \(model.rows) that validate"
    ]
    if let lower = model.lowerAUC, let upper = model.upperAUC {
      remarks.append(
        "the model's AUC lies between \(Self.text(lower)) and \(Self.text(upper)) with 95 %")
    }
    if recency.isTurned {
      remarks.append("recency alone is turned: the more recent, the likelier \(label)")
    }
    for (what, names) in [("constant", review.constant), ("without any value", review.empty)]
    where !names.isEmpty {
      remarks.append("features \(what), which tell nothing: \(Self.list(names))")
    }
    return remarks + aboutModel
  }

  private static func list(_ names: [String]) -> String {
    let more = names.count - 10
    return names.prefix(10).joined(separator: ", ") + (more > 0 ? " and \(more) more" : "")
  }

  /// Nobody's leaving can be foreseen so well.
  static let suspiciousAUC = 0.99
  /// A feature that ranks so well by itself is named then.
  static let tellingAUC = 0.9

  var warnings: [String] { verdict + tooGood }

  private var verdict: [String] {
    standing.objections.map { objection in
      "the model is not fit to be used: \(objection)"
        + (standing.publishedAnyway.map { "; it is used anyway: \($0)" }
          ?? "; what it scores is held, unless the stage says publish_anyway: with a reason")
    }
  }

  /// Whether it foresees so well that something must be wrong.
  var isTooGood: Bool { model.rocAUC ?? 0 >= Self.suspiciousAUC }

  private var tooGood: [String] {
    guard let auc = model.rocAUC, isTooGood else { return [] }
    return [
      "THE MODEL IS TOO GOOD TO BE TRUE: AUC \(Self.text(auc)) on the validation cutoff. "
        + "A feature probably knows the future: look for columns that the source fills in later, "
        + "and for values that an extract's SELECT works out from all rows" + suspects
    ]
  }

  /// The features that tell the classes apart, as far as single ones do.
  private var suspects: String {
    guard !telling.isEmpty else { return "; no feature does it by itself" }
    let names = telling.map { "\($0.name) (AUC \(Self.text($0.auc)) by itself)" }
    return "; begin with \(names.joined(separator: " and "))"
  }

  var details: TrainingDetails {
    TrainingDetails(
      algorithm: algorithm, label: label,
      cutoffs: samples.map { .init($0, use: "training") } + [.init(validation, use: "validation")],
      model: .init(model), recencyAlone: .init(recency), constantFeatures: review.constant,
      emptyFeatures: review.empty, suspects: telling.map(\.name),
      objections: standing.objections)
  }

  static func text(_ value: Double?) -> String {
    value.map { String(format: "%.3f", $0) } ?? "-"
  }

  /// Where the area lies, in parentheses; empty where that is not known.
  static func interval(_ model: ModelQuality) -> String {
    guard let lower = model.lowerAUC, let upper = model.upperAUC else { return "" }
    return " (95 %: \(text(lower)) to \(text(upper)))"
  }

  private static func row(_ name: String, _ values: Double?...) -> String {
    let cells = values.map(text)
    return name.padding(toLength: 15, withPad: " ", startingAt: 0)
      + cells[0].leftPadded(6) + cells[1].leftPadded(18) + cells[2].leftPadded(18)
  }
}

extension String {
  fileprivate func leftPadded(_ width: Int) -> String {
    String(repeating: " ", count: max(0, width - count)) + self
  }
}
