import Diagnostics
import Expressions
import Frames
import PipelineFiles
import Relations

/// Trains a model on features at past cutoffs and on what happened after them.
public struct Train: StageKind {
  public static let kind = "train"
  public static let group = StageGroup.models
  public static let about =
    "Trains a model on features at past cutoffs, and tries it on the latest one."
  public static let example = """
    churn:
      train:
        features: user_features
        eligible: orders_90d > 0
        label: { name: churned, from: clean_orders, is: count(*) = 0, within: 30d }
        cutoffs: { every: 30d, count: 5 }
        causes:
          spending: [spend_*]
          rhythm: [orders_*, recency_days]
    """

  let features: StageName
  let eligible: Expression?
  let label: Label
  let cutoffs: Cutoffs
  let algorithm: Algorithm
  let causes: Entries<OneOrMany<NamePattern>>
  let publishAnyway: Phrase?
  let allowPersonal: EntriesByName<SourceColumn, Phrase>
  let seed: Bounded<Seeds>

  public init(_ keys: inout Keys) {
    features = keys("features", "Stage that makes the features.")
    eligible = keys("eligible", "Only entities for which this is true are learnt from and scored.")
    label = keys("label", "What is predicted: the one place that looks forward.")
    cutoffs = keys("cutoffs", "Past instants to learn from.")
    algorithm = Algorithm(&keys)
    causes = keys(
      "causes",
      "Groups of features in which scores are explained; features in no group are cause other.",
      default: .empty, shown: "none")
    publishAnyway = keys(
      "publish_anyway",
      "Why scores are published although the model is no better than chance, worse than recency alone, or learnt from too few or from labels that the data do not cover; otherwise the run is held.",
      such: "the first month has few who left"
    )
    allowPersonal = keys(
      "allow_personal", "Personal features that may be learnt from, each with the reason.",
      such: "the age group says nothing of a person alone",
      default: .empty, shown: "none")
    seed = keys("seed", "Equal data and seed give equal models.", default: Bounded(1), shown: "1")
  }

  enum Seeds: Limits { static let range = 0...Int(UInt32.max) }

  public var inputs: [StageName] { [features, label.from] }

  public func plan(_ context: PlanContext) -> StagePlan? {
    let report = context.report
    let before = report.errorCount
    checkCutoffs(report)
    seed.check(report, help: "leave it out to take the default")
    let learner = algorithm.learner(seed: UInt32(clamping: seed.value), report)
    if let why = type(of: learner).unavailable {
      report.warning(
        .missingLibrary, "\(type(of: learner).name) cannot learn on this machine: \(why)",
        at: context.stage.span, help: "where the pipeline is only checked, nothing is missing")
    }
    guard let relation = context.relation(features) else { return nil }
    guard relation.isRepeatable, let entity = relation.schema[relation.key.first ?? ""] else {
      report.error(
        .wrongInput, "stage '\(features.text)' cannot be evaluated at past instants",
        at: features.span, help: "name a stage of kind features")
      return nil
    }
    let fields = relation.schema.fields.filter { !relation.key.contains($0.name) }
    let personal = PersonalData(allowed: allowPersonal, context: context)
    personal.checkExceptions(in: fields)
    for field in fields {
      if !field.type.isNumber && field.type != .bool && field.type != .text {
        report.error(
          .wrongType,
          "feature '\(field.name)' is of type \(field.type.sqlName); a model takes numbers and texts",
          at: features.span, help: "turn it into a number, such as (\(field.name) = '…')::int")
      }
      personal.check(field, of: features, "would be learnt from", at: features.span)
    }
    let condition = eligible.map { $0.typed(in: relation.schema, as: .bool, "eligible", report) }
    let label = label.plan(entity: entity, context)
    checkCauses(fields, report)
    let groups = causes.entries.map { cause in
      CausePlan(
        name: cause.name.text, features: members(cause.value.values, of: fields, report))
    }
    guard report.errorCount == before, let label else { return nil }
    let eligible = condition ?? nil
    let work = TrainWork(
      features: features.text, entity: entity.name, fields: fields, eligible: eligible,
      label: label,
      cutoffs: CutoffPlan(
        asOf: context.asOf, every: cutoffs.every.span, count: cutoffs.count.value,
        label: label.window,
        zone: context.zone),
      causes: groups, learner: learner, publishAnyway: publishAnyway?.text,
      model: ModelShape(
        name: context.stage.text, algorithm: type(of: learner).name, features: features.text,
        entity: entity, featureNames: fields.map(\.name),
        eligibleColumns: eligible?.columns ?? [], causes: groups.map(\.name)))
    return StagePlan(
      output: .made(.artifact(work.model), lineage: work.lineage, needs: work.needs),
      reading: nil, publishes: [], atPublication: nil,
      asksFrom: work.cutoffs.training.min() ?? context.asOf,
      // A model holds the texts that it learnt from, and only frames are encrypted.
      checkpoint: work.textFields.contains(where: \.isPersonal) ? .none : .artifact(work),
      secretDigests: [], notes: work.steps(in: context.zone), work: work)
  }

  /// A feature counts for one cause only.
  private func checkCauses(_ fields: [Field], _ report: Report) {
    for cause in causes.entries where cause.name.text == ScoreWork.unknownCause {
      report.error(
        .wrongValue, "a cause cannot be called '\(ScoreWork.unknownCause)'", at: cause.name.span,
        help: "that is the top cause where nothing raises a score; give it another name")
    }
    var owners: [String: String] = [:]
    for cause in causes.entries {
      for pattern in cause.value.values {
        for field in fields where pattern.matches(field.name) {
          if let owner = owners.updateValue(cause.name.text, forKey: field.name) {
            report.error(
              .duplicateColumn,
              "feature '\(field.name)' stands under the causes '\(owner)' and '\(cause.name.text)'",
              at: pattern.span, help: "let it count for one of them")
            return
          }
        }
      }
    }
  }

  private func members(
    _ patterns: [NamePattern], of fields: [Field], _ report: Report
  ) -> [String] {
    patterns.flatMap { pattern in
      let names = fields.map(\.name).filter(pattern.matches)
      if names.isEmpty {
        report.error(
          .unknownColumn, "no feature is called '\(pattern.text)'", at: pattern.span,
          help: Suggestion.help(for: pattern.text, in: fields.map(\.name)))
      }
      return names
    }
  }

  /// Beyond there are no data, and in the end no dates.
  private var areWithinReach: Bool {
    Double(cutoffs.every.span.nominalMicroseconds) * Double(cutoffs.count.value)
      <= Double(Span.days(36_500).nominalMicroseconds)
  }

  private func checkCutoffs(_ report: Report) {
    cutoffs.count.check(report, help: "write count: 5")
    if cutoffs.count.isWithin, !areWithinReach {
      report.error(
        .wrongValue,
        "\(cutoffs.count.value) cutoffs every \(cutoffs.every) go back more than 100 years",
        at: cutoffs.every.place, help: "write every: 30d")
    }
    if cutoffs.every.isZero {
      report.error(
        .wrongValue, "cutoffs need some time between them", at: cutoffs.every.place,
        help: "write every: 30d")
    }
    if label.within.isZero {
      report.error(
        .wrongValue, "the label looks at no time at all", at: label.within.place,
        help: "write within: 30d")
    }
  }
}

/// Past instants to learn from.
struct Cutoffs: Record {
  static let about = "Past instants to learn from, counted back from the one that validates."
  let every: Duration
  let count: Bounded<Counts>

  enum Counts: Limits { static let range = 1...100 }

  init(_ keys: inout Keys) {
    every = keys("every", "Time between two cutoffs.")
    count = keys("count", "How many cutoffs are trained on; one more validates.")
  }
}

/// A named group of features.
struct CausePlan: Sendable {
  let name: String
  let features: [String]
}

/// What is known of a model before it is trained.
struct ModelShape: ArtifactShape {
  let name: String
  /// What pipelines call the learner that makes it.
  let algorithm: String
  /// The stage that makes its features.
  let features: String
  let entity: Field
  let featureNames: [String]
  /// The columns of the features that decide who is eligible.
  let eligibleColumns: Set<String>
  let causes: [String]

  var what: String { "a model" }

  /// The name under which lineage shows a model.
  static let column = "model"
}
