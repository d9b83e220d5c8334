import Diagnostics
import Frames
import PipelineFiles

/// Scores entities with a model and says why.
public struct Score: StageKind {
  public static let kind = "score"
  public static let about =
    "Scores tonight's entities with a model, and says what drives each score."
  public static let example = """
    scores:
      score:
        model: churn
        features: user_features
        risk: { high: ">= 0.6", medium: ">= 0.3" }
        explain: 3
    """

  let model: Name
  let features: Name
  let risk: Entries<Bound>
  let explain: Int
  let all: Bool
  private let place: SourceSpan?

  public init(_ keys: inout Keys) {
    model = keys("model", "Stage that trains the model.")
    features = keys(
      "features", "Stage that makes the features, the one that the model learnt from.")
    risk = keys(
      "risk", "Levels of risk by probability; the first that holds is taken, otherwise low.",
      default: .empty, shown: "none")
    explain = keys(
      "explain",
      "How many causes are given for each score; top_cause is null where none raises it.",
      default: 3, shown: "3")
    all = keys(
      "all",
      "Whether those that the model calls not eligible are scored too; otherwise they have no row.",
      default: false,
      shown: "false")
    place = keys.span(of: "explain")
  }

  public var inputs: [Name] { [model, features] }

  public func plan(_ context: PlanContext) -> (any StagePlan)? {
    let report = context.report
    let before = report.errorCount
    if !(0...100).contains(explain) {
      report.error(
        .wrongValue, "'explain' must be between 0 and 100, found \(explain)", at: place,
        help: "write it as explain: 3")
    }
    guard let relation = context.relation(features), let shape = context.shape(model) else {
      return nil
    }
    guard case .artifact(let model as ModelShape) = shape else {
      report.error(
        .wrongInput, "stage '\(self.model.text)' makes no model", at: self.model.span,
        help: "name a stage of kind train")
      return nil
    }
    let missing = model.featureNames.filter { relation.schema[$0] == nil }
    guard missing.isEmpty, relation.key == [model.entity.name] else {
      report.error(
        .wrongInput,
        "stage '\(features.text)' does not make the features that '\(model.name)' learns from"
          + (missing.isEmpty ? "" : ": \(missing.prefix(5).joined(separator: ", "))"),
        at: features.span, help: "name stage '\(model.features)'")
      return nil
    }
    guard report.errorCount == before else { return nil }
    return ScorePlan(
      model: model, features: features.text,
      levels: risk.entries.map { (name: $0.name.text, bound: $0.value) }, explain: explain,
      all: all)
  }
}
