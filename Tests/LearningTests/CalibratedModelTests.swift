import Learning
import Testing

@Suite struct CalibratedModelTests {
  private func model() async throws -> CalibratedModel {
    let train = try ChurnSample(rows: 3000, seed: 31)
    let later = try ChurnSample(rows: 2000, seed: 32)
    let trees = try await smallTrees().train(train.features, labels: train.labels)
    return try CalibratedModel(
      trees: trees,
      calibration: PlattScaling(
        margins: try await trees.margins(later.features), labels: later.labels),
      causes: CauseGroups(
        [
          .init(cause: "engagement", features: ["recency"]),
          .init(cause: "service", features: ["complaints"]),
        ], featureNames: trees.featureNames))
  }

  @Test func survivesItsBytes() async throws {
    let model = try await model()
    let bytes = try model.serialized()
    let loaded = try await CalibratedModel(serialized: bytes)
    #expect(loaded == model)
    #expect(try loaded.serialized() == bytes)
    let sample = try ChurnSample(rows: 300, seed: 33)
    let probabilities = try await model.probabilities(sample.features)
    #expect(try await loaded.probabilities(sample.features) == probabilities)
  }

  @Test func isCalibratedAndExplainsByTheTrueCauses() async throws {
    let model = try await model()
    let sample = try ChurnSample(rows: 3000, seed: 34)
    let margins = try await model.trees.margins(sample.features)
    let quality = try ModelQuality(
      margins: margins, probabilities: model.calibration.probabilities(margins: margins),
      labels: sample.labels)
    #expect(try #require(quality.rocAUC) > 0.78)
    #expect(try #require(quality.calibration.expectedCalibrationError) < 0.05)
    let baseline = try BaselineQuality(
      scores: (0..<3000).map { sample.features[$0, 0] }, labels: sample.labels, beside: nil)
    #expect(try #require(quality.rocAUC) > #require(baseline.rocAUC))

    let causes = try await model.explain(sample.features, top: 3)
    // Three complaints in a row of average recency: service is what raises the risk most.
    let rows = (0..<3000).filter {
      sample.features[$0, 1] == 3 && (30...50).contains(sample.features[$0, 0])
    }
    #expect(!rows.isEmpty)
    #expect(rows.allSatisfy { causes.topCause(row: $0) == "service" })
  }

  @Test func damagedBytesAreRefused() async throws {
    let bytes = try await model().serialized()
    var flipped = bytes
    flipped[bytes.count / 2] ^= 0x55
    for damaged in [[], Array(bytes.dropLast()), Array(bytes.dropFirst()), flipped] {
      let error = await #expect(throws: LearningError.self) {
        try await CalibratedModel(serialized: damaged)
      }
      guard case .damagedModel = error else {
        Issue.record("\(String(describing: error))")
        continue
      }
    }
  }
}
