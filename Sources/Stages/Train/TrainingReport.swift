import Foundation
import Frames
import Learning
import PipelineFiles

/// How good a model is, beside the simplest that one could do.
struct TrainingReport {
  let label: String
  let samples: [Sample]
  let validation: Sample
  let zone: CalendarZone
  let model: ModelQuality
  let recency: BaselineQuality

  /// Lines for a person.
  var notes: [String] {
    let cutoffs = samples.map { $0.cutoff.shortText(in: zone) }.joined(separator: ", ")
    let counted = samples.reduce(0) { $0 + $1.labels.count }
    return [
      "trained on \(counted) rows at \(cutoffs)",
      "validated on \(validation.labels.count) rows at \(validation.cutoff.shortText(in: zone)), "
        + "\(Self.text(validation.baseRate)) of them \(label)",
      "                 AUC    average precision   top-decile lift",
      Self.row("model", model.rocAUC, model.averagePrecision, model.topDecileLift),
      Self.row("recency alone", recency.rocAUC, recency.averagePrecision, recency.topDecileLift),
    ]
  }

  /// Nobody's leaving can be foreseen so well.
  static let suspiciousAUC = 0.99

  var warnings: [String] {
    guard let auc = model.rocAUC, auc >= Self.suspiciousAUC else { return [] }
    return [
      "THE MODEL IS TOO GOOD TO BE TRUE: AUC \(Self.text(auc)) on the validation cutoff. "
        + "A feature probably knows the future: look for columns that the source fills in later, "
        + "and for values that an extract's SELECT works out from all rows"
    ]
  }

  var details: JSONValue {
    .object([
      "label": .string(label),
      "cutoffs": .array(
        samples.map { cutoff($0, "training") } + [cutoff(validation, "validation")]),
      "model": .object([
        "auc": Self.json(model.rocAUC), "average_precision": Self.json(model.averagePrecision),
        "top_decile_lift": Self.json(model.topDecileLift), "log_loss": Self.json(model.logLoss),
        "brier": Self.json(model.brier),
        "calibration_error": Self.json(model.calibration.expectedCalibrationError),
      ]),
      "recency_alone": .object([
        "auc": Self.json(recency.rocAUC), "average_precision": Self.json(recency.averagePrecision),
        "top_decile_lift": Self.json(recency.topDecileLift),
      ]),
    ])
  }

  private func cutoff(_ sample: Sample, _ use: String) -> JSONValue {
    .object([
      "as_of": .string(sample.cutoff.sqlText), "use": .string(use),
      "rows": .integer(sample.labels.count), "base_rate": Self.json(sample.baseRate),
    ])
  }

  private static func json(_ value: Double?) -> JSONValue { value.map { .number($0) } ?? .null }

  private static func text(_ value: Double?) -> String {
    value.map { String(format: "%.3f", $0) } ?? "-"
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
