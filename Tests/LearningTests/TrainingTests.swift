import Foundation
import Learning
import Synchronization
import Testing

@Suite struct TrainingTests {
  @Test func `equal seeds give equal trees whatever the threads`() async throws {
    let sample = try ChurnSample(rows: 2000, seed: 1)
    func bytes(threads: Int, seed: UInt32) async throws -> [UInt8] {
      try await smallTrees(threads: threads, seed: seed)
        .train(sample.features, labels: sample.labels).serialized
    }
    let first = try await bytes(threads: 1, seed: 7)
    #expect(try await bytes(threads: 1, seed: 7) == first)
    #expect(try await bytes(threads: 2, seed: 7) == first)
    #expect(try await bytes(threads: 1, seed: 8) != first)
  }

  @Test func `parts are learnt from as one matrix is`() async throws {
    let parts = try [1, 2, 3].map { try ChurnSample(rows: 700, seed: $0) }
    let columns = ChurnSample.names.indices.map { feature in
      parts.flatMap { part in (0..<700).map { part.features[$0, feature] } }
    }
    let whole = try FeatureMatrix(names: ChurnSample.names, columns: columns)
    let labels = parts.flatMap(\.labels)
    let apart = try await smallTrees().train(parts.map(\.features), labels: labels)
    let together = try await smallTrees().train(whole, labels: labels)
    let later = try ChurnSample(rows: 500, seed: 4)
    // The quantiles that splits are chosen from are estimated part by part.
    let margins = zip(
      try await apart.margins(later.features), try await together.margins(later.features))
    let distance = margins.reduce(0) { $0 + abs($1.0 - $1.1) } / 500
    #expect(distance < 0.1)

    let other = try FeatureMatrix(names: ["a", "b", "c"], columns: [[1], [2], [3]])
    await #expect(throws: LearningError.self) {
      try await smallTrees().train([whole, other], labels: labels + [true])
    }
    await #expect(throws: LearningError.noRows) {
      try await smallTrees().train([FeatureMatrix](), labels: [])
    }
  }

  @Test func `learns a signal and finds none in noise`() async throws {
    let train = try ChurnSample(rows: 4000, seed: 2)
    let later = try ChurnSample(rows: 4000, seed: 3)
    let trees = try await smallTrees().train(train.features, labels: train.labels)
    let learnt = try Ranking(scores: try await trees.margins(later.features), labels: later.labels)
    #expect(try #require(learnt.rocAUC) > 0.78)

    var random = SeededGenerator(4)
    let coins = train.labels.map { _ in Bool.random(using: &random) }
    let noise = try await smallTrees().train(train.features, labels: coins)
    let laterCoins = later.labels.map { _ in Bool.random(using: &random) }
    let guessed = try Ranking(scores: try await noise.margins(later.features), labels: laterCoins)
    #expect(abs(try #require(guessed.rocAUC) - 0.5) < 0.04)
  }

  @Test func `margins begin at the weighted base rate`() async throws {
    // One feature without information: no split helps, so that every margin is the base rate's.
    let features = try FeatureMatrix(names: ["constant"], columns: [[1, 1, 1, 1]])
    let labels = [true, false, false, false]
    var settings = smallTrees()
    // Four rows are too few for a leaf.
    settings.minChildWeight = 20
    let trees = try await settings.train(features, labels: labels, weights: [2, 1, 1, 0])
    for margin in try await trees.margins(features) { #expect(abs(margin) < 1e-5) }
    let unweighted = try await settings.train(features, labels: labels)
    for margin in try await unweighted.margins(features) {
      #expect(abs(margin - Float(log(1.0 / 3))) < 1e-5)
    }
  }

  @Test func `a row of weight zero teaches nothing`() async throws {
    let sample = try ChurnSample(rows: 1000, seed: 5)
    // Wrong labels on the second half, which weighs nothing.
    let labels = sample.labels.enumerated().map { $0 < 500 ? $1 : !$1 }
    let weights = labels.indices.map { Float($0 < 500 ? 1 : 0) }
    let trees = try await smallTrees().train(sample.features, labels: labels, weights: weights)
    let later = try ChurnSample(rows: 2000, seed: 6)
    let ranking = try Ranking(scores: try await trees.margins(later.features), labels: later.labels)
    #expect(try #require(ranking.rocAUC) > 0.7)
  }

  @Test func `missing values are predicted and learnt from`() async throws {
    // The label is whether the value is missing.
    let values = (0..<400).map { Float($0 % 2 == 0 ? .nan : Double($0)) }
    let features = try FeatureMatrix(names: ["value"], columns: [values])
    var settings = smallTrees()
    settings.minChildWeight = 1
    let trees = try await settings.train(features, labels: values.map(\.isNaN))
    for (value, margin) in zip(values, try await trees.margins(features)) {
      #expect(value.isNaN == (margin > 0))
    }
  }

  @Test func `rounds are reported`() async throws {
    let sample = try ChurnSample(rows: 200, seed: 8)
    let seen = Mutex<[Int]>([])
    _ = try await smallTrees().train(sample.features, labels: sample.labels) { done, all in
      #expect(all == 30)
      seen.withLock { $0.append(done) }
    }
    #expect(seen.withLock { $0 } == Array(1...30))
  }

  @Test(.timeLimit(.minutes(15))) func `training stops when cancelled`() async throws {
    let sample = try ChurnSample(rows: 500, seed: 9)
    var settings = smallTrees()
    settings.rounds = 10_000
    let (rounds, continuation) = AsyncStream.makeStream(of: Int.self)
    // The first round lasts until the task is cancelled, however late that is.
    let isCancelled = DispatchSemaphore(value: 0)
    let task = Task { [settings] in
      try await settings.train(sample.features, labels: sample.labels) { done, _ in
        continuation.yield(done)
        if done == 1 { isCancelled.wait() }
      }
    }
    for await _ in rounds { break }
    task.cancel()
    isCancelled.signal()
    await #expect(throws: CancellationError.self) { try await task.value }
  }
}

@Suite struct RefusedTrainingTests {
  private func expectRefusal(
    _ expected: LearningError, columns: [[Float]] = [[1, 2]], labels: [Bool] = [true, false],
    weights: [Float]? = nil, settings: GradientBoosting = smallTrees(),
    sourceLocation: SourceLocation = #_sourceLocation
  ) async throws {
    let names = columns.indices.map { "f\($0)" }
    let features = try FeatureMatrix(names: names, columns: columns)
    await #expect(throws: expected, sourceLocation: sourceLocation) {
      try await settings.train(features, labels: labels, weights: weights)
    }
  }

  @Test func `data without a lesson`() async throws {
    try await expectRefusal(.noRows, columns: [[]], labels: [])
    try await expectRefusal(.noFeatures, columns: [], labels: [])
    try await expectRefusal(.oneClass(label: true, rows: 2), labels: [true, true])
    try await expectRefusal(
      .shapeMismatch(what: "labels", found: 3, expected: 2), labels: [true, false, true])
    try await expectRefusal(
      .infiniteValues(feature: "f1", rows: 1), columns: [[1, 2], [.nan, -.infinity]])
  }

  @Test func weights() async throws {
    try await expectRefusal(
      .shapeMismatch(what: "weights", found: 1, expected: 2), weights: [1])
    try await expectRefusal(.invalidWeights(rows: 2), weights: [-1, .nan])
    try await expectRefusal(.weightlessClass(label: true), weights: [0, 1])
  }

  @Test func settings() async throws {
    var settings = smallTrees()
    settings.subsample = 0
    try await expectRefusal(
      .invalidSetting(name: "subsample", value: "0", allowed: "above 0 and at most 1"),
      settings: settings)
    settings = smallTrees()
    settings.rounds = 0
    try await expectRefusal(
      .invalidSetting(name: "rounds", value: "0", allowed: "between 1 and 10000"),
      settings: settings)
  }

  @Test func `messages say what was found and what to do`() {
    let error = LearningError.infiniteValues(feature: "discount_share_30d", rows: 3)
    #expect(
      error.description == """
        feature 'discount_share_30d' is infinite, or too large for a 32-bit float, in 3 row(s); \
        guard the division that makes it with nullif(…, 0), or clip the column; null is allowed
        """)
    let differing = LearningError.featuresDiffer(missing: ["a"], unexpected: ["b", "c"])
    #expect(
      differing.message == "the features are not those of the model; missing: a; unexpected: b, c")
  }
}
