import Diagnostics
import Frames
import PipelineFiles

/// Scores entities with a model and says why.
public struct Score: StageKind {
  public static let kind = "score"
  public static let group = StageGroup.models
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

  let model: StageName
  let features: StageName
  let risk: Entries<Bound>
  let explain: Bounded<Explained>
  let all: Bool

  public init(_ keys: inout Keys) {
    model = keys("model", "Stage that trains the model.")
    features = keys(
      "features", "Stage that makes the features, the one that the model learnt from.")
    risk = keys(
      "risk",
      "Levels of risk by probability; the first that holds is taken, otherwise low. Without levels the risk is null.",
      default: .empty, shown: "none")
    explain = keys(
      "explain",
      "How many causes are given for each score; top_cause is unknown where none raises it.",
      default: Bounded(3), shown: "3")
    all = keys(
      "all",
      "Whether those that the model calls not eligible are scored too; otherwise they have no row.",
      default: false,
      shown: "false")
  }

  enum Explained: Limits { static let range = 0...100 }

  public var inputs: [StageName] { [model, features] }

  public func plan(_ context: PlanContext) -> StagePlan? {
    let report = context.report
    let before = report.errorCount
    explain.check(report, help: "write it as explain: 3")
    checkRisk(report)
    guard let relation = context.relation(features),
      let model = context.artifact(
        model, as: ModelShape.self, what: "model", from: Train.kind)
    else { return nil }
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
    let work = ScoreWork(
      model: model, features: features.text,
      levels: risk.entries.map { (name: $0.name.text, limit: $0.value.limit) },
      explain: explain.value, all: all)
    return StagePlan(
      output: .made(.relation(work.relation), lineage: work.lineage, needs: work.needs),
      reading: nil, publishes: [], atPublication: nil, asksFrom: context.asOf, checkpoint: .rows,
      secretDigests: [], notes: work.steps, work: work)
  }

  /// Every level must be one that a probability can get.
  private func checkRisk(_ report: Report) {
    let before = report.errorCount
    for level in risk.entries where !(0...1).contains(level.value.value) {
      report.error(
        .wrongValue,
        "a probability lies between 0 and 1, so '\(level.name.text)' cannot be \(level.value.text)",
        at: level.value.span, help: "write it as \(level.name.text): \">= 0.6\"")
    }
    guard report.errorCount == before else { return }
    // Between two neighbouring bounds all probabilities get the same level.
    let bounds = ([0, 1] + risk.entries.map(\.value.value)).sorted()
    let probabilities = bounds + zip(bounds, bounds.dropFirst()).map { ($0 + $1) / 2 }
    let reached = Set(
      probabilities.compactMap { probability in
        risk.entries.firstIndex { $0.value.holds(probability) }
      })
    for (place, level) in risk.entries.enumerated() where !reached.contains(place) {
      let isPossible = probabilities.contains { level.value.holds($0) }
      report.error(
        .wrongValue,
        isPossible
          ? "no probability gets the level '\(level.name.text)': one before it holds first"
          : "no probability is \(level.value.text)", at: level.value.span,
        help: isPossible
          ? "put the highest bound first: the first level that holds is taken"
          : "a probability lies between 0 and 1")
    }
  }
}
