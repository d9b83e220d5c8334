import Foundation
import Testing

@testable import Learning

@Suite struct TrainedTreesTests {
  private func trained() async throws -> (trees: TrainedTrees, sample: ChurnSample) {
    let sample = try ChurnSample(rows: 1500, seed: 11)
    return (try await smallTrees().train(sample.features, labels: sample.labels), sample)
  }

  /// The library would be a hundred times slower.
  @Test func `the trees that are trained here are explained here`() async throws {
    let sample = try ChurnSample(rows: 20_000, seed: 13)
    let trees = try await GradientBoosting().train(sample.features, labels: sample.labels)
    _ = try await trees.explainer()
  }

  @Test func `contributions sum to the margin`() async throws {
    let (trees, _) = try await trained()
    // More rows than one block of predictions.
    let later = try ChurnSample(rows: 5000, seed: 12)
    let margins = try await trees.margins(later.features)
    let contributions = try await trees.contributions(later.features)
    #expect(contributions.rowCount == 5000)
    #expect(contributions.width == 4)
    for row in 0..<5000 {
      let sum = contributions.features(row: row).reduce(contributions.bias(row: row), +)
      #expect(abs(sum - margins[row]) < 1e-4)
    }
  }

  @Test func `loaded trees predict the same`() async throws {
    let (trees, sample) = try await trained()
    let loaded = try await TrainedTrees(serialized: trees.serialized)
    #expect(loaded == trees)
    #expect(loaded.featureNames == ChurnSample.names)
    #expect(try await loaded.margins(sample.features) == trees.margins(sample.features))
  }

  @Test func `many tasks predict at once`() async throws {
    let (trees, sample) = try await trained()
    let expected = try await trees.margins(sample.features, threads: 1)
    try await withThrowingTaskGroup(of: [Float].self) { group in
      for _ in 0..<8 { group.addTask { try await trees.margins(sample.features, threads: 2) } }
      for try await margins in group { #expect(margins == expected) }
    }
  }

  @Test func `no rows give no predictions`() async throws {
    let (trees, _) = try await trained()
    let none = try FeatureMatrix(names: ChurnSample.names, columns: [[], [], []])
    #expect(try await trees.margins(none).isEmpty)
    #expect(try await trees.contributions(none).rowCount == 0)
  }

  @Test func `other features are refused`() async throws {
    let (trees, _) = try await trained()
    let other = try FeatureMatrix(
      names: ["recency", "complaints", "spend"], columns: [[1], [1], [1]])
    await #expect(
      throws: LearningError.featuresDiffer(missing: ["noise"], unexpected: ["spend"])
    ) { try await trees.margins(other) }
    let infinite = try FeatureMatrix(names: ChurnSample.names, columns: [[1], [.infinity], [1]])
    await #expect(throws: LearningError.infiniteValues(feature: "complaints", rows: 1)) {
      try await trees.margins(infinite)
    }
  }

  @Test func `damaged bytes are refused`() async throws {
    let (trees, _) = try await trained()
    let bytes = trees.serialized
    for damaged in [[], Array("not a model".utf8), Array(bytes.prefix(bytes.count / 2))] {
      let error = await #expect(throws: LearningError.self) {
        try await TrainedTrees(serialized: damaged)
      }
      guard case .damagedModel = error else {
        Issue.record("\(String(describing: error))")
        continue
      }
    }
  }
}
