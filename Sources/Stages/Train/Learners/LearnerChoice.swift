import Learning
import PipelineFiles

/// The learner that a pipeline names, with the settings that it gives.
struct LearnerChoice: OneOf {
  /// The learners that Roost comes with; a new one is a line here.
  static let all: [any Learner.Type] = [GradientBoosting.self, LogisticRegression.self]

  static let cases = all.map { `case`($0) }

  /// The models that they make, for reading them from files.
  static let models = all.map { model(of: $0) }

  let learner: any Learner
  let given: [GivenSetting]

  init<L: Learner>(_ keys: LearnerKeys<L>) {
    learner = keys.learner
    given = keys.given
  }

  var name: String { type(of: learner).name }

  private static func `case`<L: Learner>(_ type: L.Type) -> Case<Self> {
    Case(L.name, L.about) { (keys: LearnerKeys<L>) in Self(keys) }
  }

  private static func model<L: Learner>(of type: L.Type) -> any TrainedModel.Type { L.Model.self }
}
