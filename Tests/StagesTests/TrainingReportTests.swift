import Frames
import Learning
import Testing

@testable import Stages

@Suite struct TrainingReportTests {
  /// What is said of a model that gives these probabilities to entities that leave or stay.
  private func warnings(_ probabilities: [Double], _ labels: [Bool]) throws -> [String] {
    let sample = Sample(
      cutoff: day(2026, 5, 1), entities: column(.int8, labels.indices.map { $0 }),
      features: try FeatureMatrix(
        names: ["days"], columns: [labels.map { _ in Float(1) }]), labels: labels)
    return TrainingReport(
      label: "churned", samples: [sample], validation: sample, zone: .utc,
      model: try ModelQuality(
        margins: probabilities.map { Float($0) }, probabilities: probabilities, labels: labels),
      recency: try BaselineQuality(scores: probabilities, labels: labels)
    ).warnings
  }

  @Test func aModelThatForeseesEverythingIsWarnedOf() throws {
    let said = try warnings([0.9, 0.8, 0.2, 0.1], [true, true, false, false])
    #expect(said.count == 1)
    #expect(said.first?.contains("A feature probably knows the future") == true)
    #expect(said.first?.contains("AUC 1.000") == true)
  }

  @Test func aModelThatErrsIsNot() throws {
    #expect(try warnings([0.9, 0.8, 0.7, 0.1], [true, false, true, false]) == [])
    #expect(try warnings([0.9, 0.8], [true, true]) == [])
  }
}
