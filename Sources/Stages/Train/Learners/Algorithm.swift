import Diagnostics
import Learning
import PipelineFiles

/// How a model learns: the learner that `algorithm:` names, with its settings there or, as earlier files
/// have them for trees, beside `algorithm:`.
struct Algorithm: Sendable {
  private let choice: OneOfByName<LearnerChoice>
  /// Settings of trees that stand beside `algorithm:`.
  private let beside: LearnerKeys<GradientBoosting>

  private static let movedNames = ["rounds", "depth", "learning_rate", "min_child_weight"]

  init(_ keys: inout Keys) {
    choice = keys(
      "algorithm", "How it learns: a name, or a name with settings.",
      default: OneOfByName(.blank), shown: GradientBoosting.name)
    beside = LearnerKeys(named: Self.movedNames, &keys) { setting in
      "The earlier place of algorithm.\(GradientBoosting.name).\(setting.name)."
    }
  }

  /// The learner; where something is wrong with it, the report says so.
  func learner(seed: UInt32, _ report: Report) -> any Learner {
    for setting in choice.value.given + beside.given { setting.check(report) }
    var learner = choice.value.learner
    if !beside.given.isEmpty {
      if choice.isByName, choice.value.name == GradientBoosting.name {
        learner = beside.learner
      } else {
        for setting in beside.given { refuse(setting, report) }
      }
    }
    learner.seed = seed
    return learner
  }

  /// Says where a setting belongs that stands beside an algorithm which does not take it from there.
  private func refuse(_ setting: GivenSetting, _ report: Report) {
    let trees = GradientBoosting.name
    let name = choice.value.name
    report.error(
      .keyCombination,
      name == trees
        ? "'\(setting.name)' stands beside an algorithm that has keys of its own"
        : "'\(setting.name)' is a setting of \(trees), and the algorithm is \(name)",
      at: setting.key,
      help: name == trees
        ? "move it to the others: algorithm: { \(trees): { \(setting.name): \(setting.text) } }"
        : "remove it; \(name) \(Self.settings(of: choice.value.learner))")
  }

  private static func settings<L: Learner>(of learner: L) -> String {
    L.settings.isEmpty
      ? "has no settings"
      : "takes \(L.settings.map(\.name).joined(separator: ", ")), under its name"
  }
}
