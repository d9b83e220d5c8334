import Frames
import Learning
import PipelineFiles
import Testing

@testable import Stages

@Suite struct TrainingReportTests {
  /// What is said of a model that gives these probabilities to entities that leave or stay.
  private func report(
    _ probabilities: [Double], _ labels: [Bool], recency: [Double]? = nil, anyway: String? = nil,
    features: [(name: String, values: [Float])]? = nil
  ) throws -> TrainingReport {
    let features = features ?? [("days", labels.indices.map { Float($0 % 7) })]
    let sample = Sample(
      cutoff: day(2026, 5, 1), entities: column(.int8, labels.indices.map { $0 }),
      features: try FeatureMatrix(
        names: features.map(\.name), columns: features.map(\.values)), labels: labels)
    let margins = probabilities.map { Float($0) }
    let model = try ModelQuality(margins: margins, probabilities: probabilities, labels: labels)
    let baseline = try BaselineQuality(
      scores: recency ?? labels.indices.map { Double(($0 * 31) % 17) }, labels: labels,
      beside: try RankingArea(scores: margins, labels: labels))
    let review = FeatureReview([sample.features])
    return TrainingReport(
      algorithm: "gradient_boosting", aboutModel: [], label: "churned", samples: [sample],
      validation: sample, zone: .utc, model: model,
      recency: baseline, review: review,
      standing: ModelStanding(
        baseRates: [0.5],
        objections: ModelVerdict(
          label: "churned", training: labels, model: model, recency: baseline, review: review
        ).objections,
        publishedAnyway: anyway),
      telling: try FeatureReview.telling(
        sample.features, labels: labels, from: TrainingReport.tellingAUC, atMost: 2))
  }

  private func warnings(_ probabilities: [Double], _ labels: [Bool]) throws -> [String] {
    try report(probabilities, labels).warnings
  }

  /// 400 rows of which every fourth leaves.
  private static let labels = (0..<400).map { $0 % 4 == 0 }
  private static let good = labels.enumerated().map { row, label in
    Double((row * 37) % 100) / 200 + (label ? 0.3 : 0)
  }
  private static let noise = labels.indices.map { Double(($0 * 37) % 101) / 101 }

  @Test func `a model that knows something is fit to be used`() throws {
    let report = try report(Self.good, Self.labels)
    #expect(report.standing.objections == [] && report.warnings == [])
    #expect(
      report.notes.contains("churned: 100 of 400 rows learnt from, 100 of 400 that validate"))
    #expect(report.notes.contains { $0.hasPrefix("the model's AUC lies between 0.") })
    #expect(report.details.cutoffs?.map(\.positives) == [100, 100])
  }

  /// What a run keeps is what later ones read, under the names that earlier versions gave it.
  @Test func `details are read back as they were written`() throws {
    let report = try report(Self.good, Self.labels)
    let kept = try JSONValue(details: report.details)
    #expect(kept["algorithm"] == .string("gradient_boosting"))
    for path in [
      ["label"], ["cutoffs"], ["constant_features"], ["empty_features"], ["suspects"],
      ["objections"], ["recency_alone", "turned"],
    ]
      + [
        "auc", "auc_interval", "average_precision", "top_decile_lift", "log_loss", "brier",
        "calibration_error",
      ].map({ ["model", $0] })
    {
      #expect(path.reduce(kept as JSONValue?) { $0?[$1] } != nil, "\(path)")
    }
    let past = PastStage(rows: 400, details: try #require(JSONValue(parsing: kept.text)))
    #expect(past.details.details(as: TrainingDetails.self)?.model.auc == report.model.rocAUC)
    #expect(
      past.details.details(as: TrainingDetails.self)?.cutoffs?.last?.asOf
        == "2026-05-01T00:00:00Z")
    let fallen = try ModelQuality(
      margins: Self.noise.map { Float($0) }, probabilities: Self.noise, labels: Self.labels)
    #expect(QualityDrift(fallen, past: [past]).messages.count == 1)
  }

  @Test func `a model that knows nothing is not`() throws {
    let report = try report(Self.noise, Self.labels)
    let objection = try #require(report.standing.objections.first)
    #expect(
      objection.firstMatch(
        of:
          /ranks no better than chance: AUC 0\.[45]\d\d \(95 %: 0\.4\d\d to 0\.5\d\d\), 100 of 400 rows/
      )
        != nil, "\(objection)")
    #expect(report.standing.holds == [objection])
    #expect(report.warnings.first?.contains("publish_anyway") == true)
    let constant = try self.report(Self.labels.map { _ in 0.25 }, Self.labels)
    #expect(constant.standing.objections.first?.contains("AUC 0.500") == true)
  }

  @Test func `what the file allows is said and not held`() throws {
    let report = try report(Self.noise, Self.labels, anyway: "a pilot")
    #expect(report.standing.holds == [])
    #expect(report.warnings.first?.contains("used anyway: a pilot") == true)
  }

  @Test(arguments: [1, 4, 5]) func `few positives say nothing`(positives: Int) throws {
    let labels = (0..<400).map { $0 < positives }
    let said = try report(labels.map { $0 ? 0.9 : 0.1 }, labels).standing.objections
    if positives < ModelVerdict.fewestOfAClass {
      #expect(
        said.first?.hasPrefix("only \(positives) of the 400 rows that it learns from") == true)
    } else {
      #expect(said == [])
    }
    let others = labels.map { !$0 }
    let few = try report(others.map { $0 ? 0.9 : 0.1 }, others).standing.objections
    #expect((few.first?.contains("not churned") == true) == (positives < 5))
  }

  @Test func `a model that is worse than recency alone is not`() throws {
    let recency = Self.labels.enumerated().map { row, label in
      Double((row * 37) % 100) + (label ? 70 : 0)
    }
    let weak = Self.labels.enumerated().map { row, label in
      Double((row * 61) % 100) / 100 + (label ? 0.2 : 0)
    }
    let said = try report(weak, Self.labels, recency: recency).standing.objections
    #expect(said.count == 1 && said[0].hasPrefix("it ranks worse than recency alone"), "\(said)")
    // Turned round it is as good, and as hard to beat.
    let turned = try report(weak, Self.labels, recency: recency.map { -$0 })
    #expect(turned.standing.objections == said)
    #expect(
      turned.notes.contains("recency alone is turned: the more recent, the likelier churned"))
    #expect(turned.details.recencyAlone?.turned == true)
    // A hair's breadth matters to nobody.
    let close = Self.good.map { $0 + 0.0001 }
    #expect(try report(close, Self.labels, recency: Self.good).standing.objections == [])
  }

  @Test func `features that tell nothing are named`() throws {
    let report = try report(
      Self.good, Self.labels,
      features: [
        ("days", Self.labels.indices.map { Float($0 % 7) }),
        ("one", Self.labels.map { _ in 1 }), ("none", Self.labels.map { _ in .nan }),
        ("some", Self.labels.map { $0 ? 1 : .nan }),
      ])
    #expect(report.review.constant == ["one"] && report.review.empty == ["none"])
    #expect(report.notes.contains("features constant, which tell nothing: one"))
    #expect(report.notes.contains("features without any value, which tell nothing: none"))
    #expect(report.details.constantFeatures == ["one"])
  }

  @Test func `what foresees too well is named`() throws {
    let perfect = Self.labels.map { $0 ? 0.9 : 0.1 }
    let said = try report(
      perfect, Self.labels,
      features: [
        ("days", Self.labels.indices.map { Float(($0 * 31) % 17) }),
        ("ended_at", Self.labels.map { $0 ? .nan : 3 }),
        ("refunds", Self.labels.enumerated().map { $1 && $0 % 8 == 0 ? 0 : ($1 ? -5 : 1) }),
        ("leak", Self.labels.enumerated().map { row, label in label ? -3 : Float(row) }),
      ]
    ).warnings
    #expect(said.count == 1)
    #expect(
      said[0].hasSuffix(
        "begin with ended_at (AUC 1.000 by itself) and leak (AUC 1.000 by itself)"), "\(said)")
    #expect(
      try report(perfect, Self.labels).warnings[0].hasSuffix("no feature does it by itself"))
  }

  /// The mean of tonight's scores beside the share of true labels, in odds.
  @Test func `scores far from the base rate are told of`() {
    let standing = ModelStanding(baseRates: [0.1, 0.12], objections: [], publishedAnyway: nil)
    func said(_ mean: Double, _ rows: Int = 500) -> String? {
      standing.warning(of: Array(repeating: mean, count: rows), model: "churn")
    }
    #expect(said(0.943)?.contains("their mean is 0.943") == true)
    #expect(said(0.943)?.contains("at its cutoffs 0.100 to 0.120") == true)
    #expect(said(0.11) == nil && said(0.18) == nil && said(0.08) == nil)
    #expect(said(0.03) != nil)
    // A handful may differ by chance.
    #expect(said(0.3, 4) == nil)
    #expect(standing.warning(of: [], model: "churn") == nil)
  }

  @Test func `a model that foresees everything is warned of`() throws {
    let said = try warnings(Self.labels.map { $0 ? 0.9 : 0.1 }, Self.labels)
    #expect(said.count == 1)
    #expect(said.first?.contains("A feature probably knows the future") == true)
    #expect(said.first?.contains("AUC 1.000") == true)
  }

  @Test func `a model that errs is not`() throws {
    func isCalledTooGood(_ probabilities: [Double], _ labels: [Bool]) throws -> Bool {
      try warnings(probabilities, labels).contains { $0.contains("TOO GOOD") }
    }
    #expect(try !isCalledTooGood([0.9, 0.8, 0.7, 0.1], [true, false, true, false]))
    #expect(try !isCalledTooGood([0.9, 0.8], [true, true]))
  }
}
