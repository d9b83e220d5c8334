import Foundation
import Learning
import Testing

@Suite struct CalibratedModelTests {
  private static let kinds: [any TrainedModel.Type] = [TrainedTrees.self, LinearModel.self]

  private func model(of learner: some Learner = smallTrees()) async throws -> CalibratedModel {
    let train = try ChurnSample(rows: 3000, seed: 31)
    let later = try ChurnSample(rows: 2000, seed: 32)
    let model = try await learner.train(train.features, labels: train.labels)
    return try CalibratedModel(
      model: model,
      calibration: PlattScaling(
        margins: try await model.margins(later.features), labels: later.labels),
      causes: CauseGroups(
        [
          .init(cause: "engagement", features: ["recency"]),
          .init(cause: "service", features: ["complaints"]),
        ], featureNames: model.featureNames))
  }

  private func expectSurvival(
    _ model: CalibratedModel, kind: String, sourceLocation: SourceLocation = #_sourceLocation
  ) async throws {
    let bytes = try model.serialized()
    #expect(
      bytes.starts(with: "roost-model 2 \(kind) ".utf8), sourceLocation: sourceLocation)
    let loaded = try await CalibratedModel(serialized: bytes, kinds: Self.kinds)
    #expect(try loaded.serialized() == bytes, sourceLocation: sourceLocation)
    let sample = try ChurnSample(rows: 300, seed: 33)
    let probabilities = try await model.probabilities(sample.features)
    #expect(
      try await loaded.probabilities(sample.features) == probabilities,
      sourceLocation: sourceLocation)
    let causes = try await model.explain(sample.features, top: 2)
    #expect(
      try await loaded.explain(sample.features, top: 2) == causes, sourceLocation: sourceLocation)
  }

  @Test func `survives its bytes`() async throws {
    try await expectSurvival(try await model(), kind: "trees-1")
    try await expectSurvival(try await model(of: LogisticRegression()), kind: "linear-1")
  }

  /// Of the first version, which knew no other models than trees.
  @Test func `a file of the first version is read`() async throws {
    let model = try await model()
    let bytes = try model.serialized()
    let content = bytes[(try #require(bytes.firstIndex(of: UInt8(ascii: "\n"))) + 1)...]
    var hash = 0xcbf2_9ce4_8422_2325 as UInt64
    for byte in content { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    func file(_ digest: UInt64) -> [UInt8] {
      Array("roost-model 1 \(String(digest, radix: 16))\n".utf8) + content
    }
    let loaded = try await CalibratedModel(serialized: file(hash), kinds: Self.kinds)
    #expect(try loaded.serialized() == bytes)
    await #expect(throws: LearningError.damagedModel("its digest differs")) {
      try await CalibratedModel(serialized: file(hash ^ 1), kinds: Self.kinds)
    }
  }

  @Test func `a kind that is not known is named`() async throws {
    let bytes = try await model(of: LogisticRegression()).serialized()
    await #expect(
      throws: LearningError.damagedModel(
        "its kind is 'linear-1', which this version does not know")
    ) { try await CalibratedModel(serialized: bytes, kinds: [TrainedTrees.self]) }
    // The digest is of the kind too: bytes of one kind never come before the reader of another.
    let text = String(decoding: bytes, as: UTF8.self)
    let disguised = Array(text.replacing("linear-1", with: "trees-1", maxReplacements: 1).utf8)
    await #expect(throws: LearningError.damagedModel("its digest differs")) {
      try await CalibratedModel(serialized: disguised, kinds: Self.kinds)
    }
  }

  @Test func `is calibrated and explains by the true causes`() async throws {
    try await expectTrueCauses(try await model())
    try await expectTrueCauses(try await model(of: LogisticRegression()))
  }

  private func expectTrueCauses(_ model: CalibratedModel) async throws {
    let sample = try ChurnSample(rows: 3000, seed: 34)
    let margins = try await model.model.margins(sample.features)
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

  @Test func `damaged bytes are refused`() async throws {
    for model in [try await model(), try await model(of: LogisticRegression())] {
      try await expectDamageIsFound(in: model.serialized())
    }
  }

  private func expectDamageIsFound(in bytes: [UInt8]) async throws {
    var flipped = bytes
    flipped[bytes.count / 2] ^= 0x55
    for damaged in [[], Array(bytes.dropLast()), Array(bytes.dropFirst()), flipped] {
      let error = await #expect(throws: LearningError.self) {
        try await CalibratedModel(serialized: damaged, kinds: Self.kinds)
      }
      guard case .damagedModel = error else {
        Issue.record("\(String(describing: error))")
        continue
      }
    }
  }
}
