import Expressions
import Frames
import Learning
import MemoryEngine
import PipelineFiles
import Relations

/// Trains on several cutoffs, calibrates and judges on a later one.
struct TrainWork: StageWork {
  let features: String
  let entity: String
  let fields: [Field]
  let eligible: TypedExpression?
  let label: LabelPlan
  let cutoffs: CutoffPlan
  let causes: [CausePlan]
  let learner: any Learner
  /// Why scores are published whatever the model is worth.
  let publishAnyway: String?
  let model: ModelShape

  private var featureNames: [String] { fields.map(\.name) }
  private var numberNames: [String] { fields.filter { $0.type != .text }.map(\.name) }
  var textFields: [Field] { fields.filter { $0.type == .text } }

  /// A model has one thing to hand on: what it learnt from the features and the label.
  var lineage: StageLineage {
    let learnt = featureNames.map { StageColumn(features, $0) }
    let judged = label.deciding.map { StageColumn(label.stage, $0) }
    let condition = label.condition.map { " where \($0.text)" } ?? ""
    return [
      ModelShape.column: ColumnLineage(
        from: Set(learnt + judged),
        by: [
          "\(label.name): \(label.test.text)\(condition) after each cutoff",
          "learnt by \(learner.summary)",
        ])
    ]
  }

  var needs: NeededColumns {
    // Where features and label come from one stage, both are needed of it.
    [features: Set(featureNames + [entity]).union(eligible?.columns ?? [])]
      .merging([label.stage: label.columns]) { $0.union($1) }
      .mapValues { $0 }
  }

  func steps(in zone: CalendarZone) -> [PlannedStep] {
    func text(_ cutoff: Instant) -> String {
      "\(cutoff.shortText(in: zone)), judged by rows until "
        + label.window.end(of: cutoff, in: zone).shortText(in: zone)
    }
    return cutoffs.training.reversed().map { PlannedStep("learn at \(text($0))") }
      + [
        PlannedStep("validate at \(text(cutoffs.validation))"),
        PlannedStep(
          "\(featureNames.count) features, label '\(label.name)', learnt by \(learner.summary)"),
        PlannedStep(
          publishAnyway.map { "what it scores is published whatever it is worth: \($0)" }
            ?? "hold what it scores unless it ranks better than chance, and no worse than recency alone"
        ),
      ]
  }

  func run(_ plan: StagePlan, in context: any StageContext) async throws -> StageResult {
    let zone = context.zone
    let relation = try context.relation(features)
    let histories = relation.histories(in: zone)
    let outcomes = SourceRelation(try context.relation(label.stage).withWholeHistory)
    let shared = SharedRows()

    var samples: [Sample] = []
    let began = StagePart.Start()
    for cutoff in cutoffs.training.reversed() + [cutoffs.validation] {
      try Task.checkCancellation()
      samples.append(try await sample(cutoff, relation, outcomes, shared, context))
    }
    let sampling = StagePart("features", since: began)
    // Which values are frequent is asked of what is learnt from alone.
    let categories = categories(samples.dropLast())
    samples = try samples.map { try $0.encoded(by: categories) }
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
    let learnt = try await Self.model(of: learner, from: usable) { done, all in
      context.progress(.steps(done, of: all))
    }
    let margins = try await learnt.margins(validation.features)
    let calibration = try PlattScaling(margins: margins, labels: validation.labels)
    let stability = try await stability(of: margins, usable, validation)
    let quality = try report(
      learnt, categories, samples, validation, margins, calibration,
      recency: try await recency(validation, outcomes, shared, context), zone: zone)
    let trained = try CalibratedModel(
      model: learnt, calibration: calibration,
      causes: CauseGroups(
        causes.map {
          .init(cause: $0.name, features: $0.features.flatMap(categories.numberNames))
        }, featureNames: learnt.featureNames),
      categories: categories, facts: try quality.standing.facts)
    let drift = QualityDrift(
      quality.model,
      past: try await context.pastRuns(of: model.name, atMost: QualityDrift.runs))
    return StageResult(
      output: .artifact(
        LearntModel(
          shape: model, calibrated: trained, eligible: eligible, standing: quality.standing)),
      rows: usable.reduce(0) { $0 + $1.labels.count },
      notes: quality.notes + [stability?.note].compactMap { $0 }
        + [uncovered].compactMap { $0?.isLittle == true ? $0?.message : nil },
      warnings: quality.warnings + [stability?.warning].compactMap { $0 }
        + [uncovered].compactMap { $0?.isLittle == false ? $0?.message : nil }
        + drift.messages + warnings,
      details: try JSONValue(details: quality.details), drift: drift.messages, parts: [sampling])
  }

  private static func model<L: Learner>(
    of learner: L, from samples: [Sample], onProgress: LearningProgress? = nil
  ) async throws -> any TrainedModel {
    try await learner.train(
      samples.map(\.features), labels: samples.flatMap(\.labels), onProgress: onProgress)
  }

  /// What another seed would change; nil where rows are many, or where no chance plays a part.
  private func stability(
    of margins: [Float], _ samples: [Sample], _ validation: Sample
  ) async throws -> SeedStability? {
    guard type(of: learner).usesChance,
      samples.reduce(0, { $0 + $1.labels.count }) <= SeedStability.mostRows
    else { return nil }
    var other = learner
    other.seed = other.seed &+ 1
    let again = try await Self.model(of: other, from: samples)
    return SeedStability(margins, try await again.margins(validation.features))
  }

  /// What there is to say of the model.
  private func report(
    _ learnt: any TrainedModel, _ categories: CategoryEncoding, _ samples: [Sample],
    _ validation: Sample, _ margins: [Float], _ calibration: PlattScaling, recency: [Double],
    zone: CalendarZone
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
      algorithm: learner.summary, aboutModel: remarks(on: categories) + learnt.remarks,
      label: label.name, samples: samples,
      validation: validation, zone: zone,
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

  private func categories(_ samples: some Collection<Sample>) -> CategoryEncoding {
    CategoryEncoding(
      names: textFields.map(\.name),
      fitting: textFields.indices.map { feature in samples.flatMap { $0.texts[feature] } })
  }

  /// What is said of texts that became numbers; personal values stay unsaid.
  private func remarks(on categories: CategoryEncoding) -> [String] {
    zip(categories.features, textFields).map { feature, field in
      let count = feature.values.count
      let values = field.isPersonal || count == 0 ? "" : ": \(Self.shortened(feature.values))"
      let rare = feature.rareValues > 0 ? "; \(feature.rareValues) rarer ones share one" : ""
      return "\(feature.name): \(count) \(count == 1 ? "value has" : "values have") a number of "
        + "\(count == 1 ? "its" : "their") own\(values)\(rare)"
    }
  }

  /// As many as can be read at a glance, none longer than a line has room for.
  private static func shortened(_ values: [String]) -> String {
    let shown = values.prefix(10).map { $0.count > 40 ? $0.prefix(39) + "…" : $0 }
    let rest = values.count - shown.count
    return shown.joined(separator: ", ") + (rest > 0 ? " and \(rest) more" : "")
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
      features: try frame.matrix(of: numberNames, rows: known),
      texts: try textFields.map { try frame.column($0.name).texts(of: known) },
      labels: labels.compactMap { $0 })
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
  /// The numbers; once it is encoded, the numbers of its texts too.
  let features: FeatureMatrix
  /// For each feature that is a text its values.
  var texts: [[String?]] = []
  let labels: [Bool]

  func encoded(by categories: CategoryEncoding) throws -> Sample {
    Sample(
      cutoff: cutoff, entities: entities, features: try categories.matrix(features, texts),
      labels: labels)
  }

  /// The share of labels that are true; nil without rows.
  var baseRate: Double? {
    labels.isEmpty ? nil : Double(labels.count { $0 }) / Double(labels.count)
  }
}

/// A trained model with what is needed to use it.
struct LearntModel: Artifact {
  let shape: ModelShape
  let calibrated: CalibratedModel
  let eligible: TypedExpression?
  let standing: ModelStanding
}
