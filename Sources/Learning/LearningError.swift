/// Why a model cannot be trained, loaded or used. Carries names and counts, never values of rows.
public enum LearningError: Error, Sendable, Hashable {
  case noRows
  case noFeatures
  /// `what` has `found` elements where `expected` belong, such as labels for rows.
  case shapeMismatch(what: String, found: Int, expected: Int)
  case duplicateFeature(String)
  /// The features given are not, in names and order, those that the model was trained on.
  case featuresDiffer(missing: [String], unexpected: [String])
  case infiniteValues(feature: String, rows: Int)
  /// All `rows` labels are `label`.
  case oneClass(label: Bool, rows: Int)
  /// Weights that are negative or not finite, or that leave a class without weight.
  case invalidWeights(rows: Int)
  case weightlessClass(label: Bool)
  case invalidSetting(name: String, value: String, allowed: String)
  case notFinite(what: String, rows: Int)
  case unknownFeatureInCause(cause: String, feature: String)
  case featureInTwoCauses(feature: String, first: String, second: String)
  case damagedModel(String)
  /// A call of a library failed.
  case library(LearningLibrary, function: String, reason: String)
  /// The learner counts all rows alike.
  case noWeights(learner: String)
}

/// A library that learns.
public struct LearningLibrary: Sendable, Hashable {
  public let name: String
  /// What is to be installed for it.
  public let package: String
}

extension LearningError: CustomStringConvertible {
  /// One sentence without a full stop: what was found.
  public var message: String {
    switch self {
    case .noRows: "there are no rows to learn from"
    case .noFeatures: "there are no features to learn from"
    case .shapeMismatch(let what, let found, let expected):
      "\(what): found \(found), expected \(expected)"
    case .duplicateFeature(let name): "feature '\(name)' is given twice"
    case .featuresDiffer(let missing, let unexpected):
      "the features are not those of the model"
        + Self.list("; missing: ", missing) + Self.list("; unexpected: ", unexpected)
        + (missing.isEmpty && unexpected.isEmpty ? ": their order differs" : "")
    case .infiniteValues(let feature, let rows):
      "feature '\(feature)' is infinite, or too large for a 32-bit float, in \(rows) row(s)"
    case .oneClass(let label, let rows):
      "all \(rows) labels are \(label), so there is nothing to tell apart"
    case .invalidWeights(let rows): "\(rows) weight(s) are negative or not finite"
    case .weightlessClass(let label): "all rows labelled \(label) have weight 0"
    case .invalidSetting(let name, let value, let allowed):
      "\(name) is \(value), but must be \(allowed)"
    case .notFinite(let what, let rows): "\(what): \(rows) value(s) are not finite"
    case .unknownFeatureInCause(let cause, let feature):
      "cause '\(cause)' names feature '\(feature)', which does not exist"
    case .featureInTwoCauses(let feature, let first, let second):
      "feature '\(feature)' belongs to two causes, '\(first)' and '\(second)'"
    case .damagedModel(let reason): "the stored model cannot be read: \(reason)"
    case .library(let library, let function, let reason):
      "\(library.name) failed in \(function): \(reason)"
    case .noWeights(let learner): "\(learner) cannot weigh rows"
    }
  }

  /// What to do about it.
  public var help: String {
    switch self {
    case .noRows:
      "check that the eligible rows exist before the training cutoffs"
    case .noFeatures: "give at least one feature that is a number"
    case .shapeMismatch: "give one value for each row"
    case .duplicateFeature: "rename or remove one of the two"
    case .featuresDiffer: "train the model again, or score with the features it was trained on"
    case .infiniteValues:
      "guard the division that makes it with nullif(…, 0), or clip the column; null is allowed"
    case .oneClass:
      "check the label's condition and horizon, and that its events were read up to its end"
    case .invalidWeights, .weightlessClass: "give finite weights of at least 0, some above 0"
    case .invalidSetting(let name, _, _): "change \(name)"
    case .notFinite: "leave out the rows without a finite value"
    case .unknownFeatureInCause: "correct the name, or remove it from the cause"
    case .featureInTwoCauses: "leave it in one of them"
    case .damagedModel: "train the model again"
    case .library(let library, _, _):
      "check the installed \(library.package) and the free memory"
    case .noWeights: "leave the weights out, or take another algorithm"
    }
  }

  public var description: String { "\(message); \(help)" }

  private static func list(_ title: String, _ names: [String]) -> String {
    guard !names.isEmpty else { return "" }
    let shown = names.prefix(10).joined(separator: ", ")
    return title + shown + (names.count > 10 ? ", … (\(names.count) in all)" : "")
  }
}
