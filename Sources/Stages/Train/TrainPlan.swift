import Expressions
import Frames
import Learning
import MemoryEngine
import PipelineFiles
import Relations

/// Trains on several cutoffs, calibrates and judges on a later one.
struct TrainPlan: StagePlan {
  let features: String
  let entity: String
  let featureNames: [String]
  let eligible: TypedExpression?
  let label: LabelPlan
  let cutoffs: Cutoffs
  let causes: [CausePlan]
  let settings: BoostingSettings
  /// Why scores are published whatever the model is worth.
  let publishAnyway: String?
  let model: ModelShape

  var shape: StageShape { .artifact(model) }

  /// A model has one thing to hand on: what it learnt from the features and the label.
  var lineage: StageLineage {
    let learnt = featureNames.map { StageColumn(features, $0) }
    let judged = label.deciding.map { StageColumn(label.stage, $0) }
    let condition = label.condition.map { " where \($0.text)" } ?? ""
    return [
      ModelShape.column: ColumnLineage(
        from: Set(learnt + judged),
        by: ["\(label.name): \(label.test.text)\(condition) after each cutoff"])
    ]
  }

  func columns(of input: String, for wanted: Set<String>?) -> Set<String>? {
    input == features ? nil : label.columns
  }

  func steps(asOf: Instant, zone: CalendarZone) -> [PlannedStep] {
    let instants = instants(asOf: asOf, zone: zone)
    func text(_ cutoff: Instant) -> String {
      "\(cutoff.shortText(in: zone)), judged by rows until "
        + label.window.end(of: cutoff, in: zone).shortText(in: zone)
    }
    return instants.training.reversed().map { PlannedStep("learn at \(text($0))") }
      + [
        PlannedStep("validate at \(text(instants.validation))"),
        PlannedStep("\(featureNames.count) features, label '\(label.name)'"),
        PlannedStep(
          publishAnyway.map { "what it scores is published whatever it is worth: \($0)" }
            ?? "hold what it scores unless it ranks better than chance, and no worse than recency alone"
        ),
      ]
  }

  private func instants(asOf: Instant, zone: CalendarZone) -> CutoffPlan {
    CutoffPlan(
      asOf: asOf, every: cutoffs.every.span, count: cutoffs.count, label: label.window, zone: zone)
  }

  func run(_ context: any StageContext) async throws -> StageResult {
    let zone = context.zone
    let instants = instants(asOf: context.asOf, zone: zone)
    let relation = try context.relation(features)
    let histories = relation.histories(in: zone)
    let outcomes = SourceRelation(try context.relation(label.stage).withWholeHistory)
    let shared = SharedRows()

    var samples: [Sample] = []
    let began = StagePart.Start()
    for cutoff in instants.training.reversed() + [instants.validation] {
      try Task.checkCancellation()
      samples.append(try await sample(cutoff, relation, outcomes, shared, context))
    }
    let sampling = StagePart("features", since: began)
    guard let validation = samples.popLast() else { throw LearningError.noRows }
    let warnings = (samples + [validation]).flatMap { sample in
      histories.compactMap { $0.warning(at: sample.cutoff, zone: zone) }
    }

    let labelRows = LabelRows(plan: self, rows: outcomes, asOf: context.asOf, zone: zone)
    try await labelRows.check(samples, validation)
    let uncovered = try labelRows.checkCoverage(
      (samples + [validation]).map(\.cutoff),
      instants: try await rows(outcomes, shared, asOf: context.asOf, context).instants ?? [],
      isEnforced: context.enforcesExpectations && publishAnyway == nil)

    let usable = samples.filter { $0.labels.count > 0 }
    let trees = try await settings.algorithm.train(
      usable.map(\.features), labels: usable.flatMap(\.labels)
    ) { done, all in context.progress(.steps(done, of: all)) }
    let margins = try await trees.margins(validation.features)
    let calibration = try PlattScaling(margins: margins, labels: validation.labels)
    let stability = try await stability(of: margins, usable, validation)
    let quality = try report(
      samples, validation, margins, calibration,
      recency: try await recency(validation, outcomes, shared, context), zone: zone)
    let trained = try CalibratedModel(
      trees: trees, calibration: calibration,
      causes: CauseGroups(
        causes.map { .init(cause: $0.name, features: $0.features) }, featureNames: featureNames),
      facts: try quality.standing.facts)
    let drift = QualityDrift(
      quality.model,
      past: try await context.pastRuns(of: model.name, atMost: QualityDrift.runs))
    return StageResult(
      output: .artifact(
        ChurnModel(
          shape: model, calibrated: trained, eligible: eligible, standing: quality.standing)),
      rows: usable.reduce(0) { $0 + $1.labels.count },
      notes: quality.notes + [stability?.note].compactMap { $0 }
        + [uncovered].compactMap { $0?.isLittle == true ? $0?.message : nil },
      warnings: quality.warnings + [stability?.warning].compactMap { $0 }
        + [uncovered].compactMap { $0?.isLittle == false ? $0?.message : nil }
        + drift.messages + warnings,
      details: quality.details, drift: drift.messages, parts: [sampling])
  }

  /// What another seed would change; nil where rows are many.
  private func stability(
    of margins: [Float], _ samples: [Sample], _ validation: Sample
  ) async throws -> SeedStability? {
    guard samples.reduce(0, { $0 + $1.labels.count }) <= SeedStability.mostRows else { return nil }
    var algorithm = settings.algorithm
    algorithm.seed = algorithm.seed &+ 1
    let again = try await algorithm.train(
      samples.map(\.features), labels: samples.flatMap(\.labels))
    return SeedStability(margins, try await again.margins(validation.features))
  }

  /// What there is to say of the model.
  private func report(
    _ samples: [Sample], _ validation: Sample, _ margins: [Float], _ calibration: PlattScaling,
    recency: [Double], zone: CalendarZone
  ) throws -> TrainingReport {
    let area = try RankingArea(scores: margins, labels: validation.labels)
    let quality = try ModelQuality(
      margins: margins, probabilities: calibration.probabilities(margins: margins),
      labels: validation.labels, area: area)
    let baseline = try BaselineQuality(
      scores: recency, labels: validation.labels, beside: area)
    let review = FeatureReview(samples.map(\.features))
    let verdict = ModelVerdict(
      label: label.name, training: samples.flatMap(\.labels), model: quality, recency: baseline,
      review: review)
    var report = TrainingReport(
      label: label.name, samples: samples, validation: validation, zone: zone,
      model: quality, recency: baseline, review: review,
      standing: ModelStanding(
        baseRates: (samples + [validation]).compactMap(\.baseRate),
        objections: verdict.objections, publishedAnyway: publishAnyway))
    if report.isTooGood {
      report.telling = try FeatureReview.telling(
        validation.features, labels: validation.labels, from: TrainingReport.tellingAUC, atMost: 2)
    }
    return report
  }

  /// The rows that decide the label, as seen by an instant.
  private func rows(
    _ outcomes: SourceRelation, _ shared: SharedRows, asOf seen: Instant, at cutoff: Instant? = nil,
    _ run: any StageContext
  ) async throws -> FeatureRows {
    try await shared.rows(
      of: label.rowsPlan, at: 0, outcomes, asOf: seen,
      in: EvaluationContext(asOf: cutoff ?? seen, zone: run.zone))
  }

  /// The eligible entities at a cutoff whose label is known.
  private func sample(
    _ cutoff: Instant, _ relation: any Relation, _ outcomes: SourceRelation, _ shared: SharedRows,
    _ run: any StageContext
  ) async throws -> Sample {
    let context = EvaluationContext(asOf: cutoff, zone: run.zone)
    let frame = try await relation.frame(asOf: cutoff)
    guard let all = frame[entity] else {
      throw StageFailure("stage \(features) handed on no column \(entity)")
    }
    var rows = Array(0..<Int32(frame.rowCount))
    if let eligible {
      let isEligible = try eligible.selection(over: frame, in: context)
      rows.removeAll { !isEligible[Int($0)] }
    }
    let labels = try label.values(
      for: all.taking(rows), at: cutoff,
      rows: try await self.rows(outcomes, shared, asOf: run.asOf, at: cutoff, run),
      seen: run.asOf, in: context)
    let known = zip(rows, labels).compactMap { $1 == nil ? nil : $0 }
    return Sample(
      cutoff: cutoff, entities: all.taking(known),
      features: try frame.matrix(of: featureNames, rows: known), labels: labels.compactMap { $0 })
  }

  /// Recency alone, as known at the validation cutoff.
  private func recency(
    _ sample: Sample, _ outcomes: SourceRelation, _ shared: SharedRows, _ run: any StageContext
  ) async throws -> [Double] {
    label.recency(
      for: sample.entities, at: sample.cutoff,
      rows: try await rows(outcomes, shared, asOf: sample.cutoff, run))
  }
}

/// What is learnt from at one cutoff.
struct Sample: Sendable {
  let cutoff: Instant
  let entities: Column
  let features: FeatureMatrix
  let labels: [Bool]

  /// The share of labels that are true; nil without rows.
  var baseRate: Double? {
    labels.isEmpty ? nil : Double(labels.count { $0 }) / Double(labels.count)
  }
}

/// A trained model with what is needed to use it.
struct ChurnModel: Artifact {
  let shape: ModelShape
  let calibrated: CalibratedModel
  let eligible: TypedExpression?
  let standing: ModelStanding
}

extension BoostingSettings {
  var algorithm: GradientBoosting {
    var algorithm = GradientBoosting()
    algorithm.rounds = rounds ?? algorithm.rounds
    algorithm.depth = depth ?? algorithm.depth
    algorithm.learningRate = learningRate ?? algorithm.learningRate
    algorithm.minChildWeight = minChildWeight
    algorithm.seed = seed
    return algorithm
  }
}
