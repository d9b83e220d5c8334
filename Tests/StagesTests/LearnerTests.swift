import Foundation
import Learning
import Synchronization
import TestSupport
import Testing

@testable import Stages

/// What is expected of every learner that pipelines can name. A new one is tried by being in
/// `LearnerChoice.all`.
@Suite struct LearnerTests {
  static let names = LearnerChoice.all.map { $0.name }

  private func learner(_ name: String) throws -> any Learner {
    try #require(LearnerChoice.all.first { $0.name == name }).init()
  }

  /// Customers who leave the likelier the longer they are away, with values missing, a number that says
  /// nothing, one that never changes and one that nobody has.
  private struct Customers {
    let features: FeatureMatrix
    let labels: [Bool]

    init(_ count: Int, seed: Int) throws {
      var random = SeededGenerator(seed: UInt64(seed))
      var columns: [[Float]] = [[], [], [], []]
      var labels: [Bool] = []
      for _ in 0..<count {
        let away = Double.random(in: 0..<90, using: &random)
        let isMissing = Int.random(in: 0..<10, using: &random) == 0
        columns[0].append(isMissing ? .nan : Float(away))
        columns[1].append(Float.random(in: 0..<1, using: &random))
        columns[2].append(3)
        columns[3].append(.nan)
        labels.append(
          Double.random(in: 0..<1, using: &random) < 1 / (1 + exp(3 - 0.08 * away)))
      }
      features = try FeatureMatrix(
        names: ["away", "noise", "constant", "empty"], columns: columns)
      self.labels = labels
    }
  }

  private func trained<L: Learner>(
    _ learner: L, seed: UInt32 = 1, on customers: Customers,
    onProgress: LearningProgress? = nil
  ) async throws -> any TrainedModel {
    var learner = learner
    learner.seed = seed
    return try await learner.train(
      customers.features, labels: customers.labels, onProgress: onProgress)
  }

  @Test(arguments: names) func `declares settings whose defaults are allowed`(name: String) throws {
    func check<L: Learner>(_ learner: L) {
      #expect(Set(L.settings.map(\.name)).count == L.settings.count)
      for setting in L.settings {
        #expect(setting.isWithinLimits(in: learner), "\(setting.name)")
        #expect((setting.text(in: learner) == nil) == (setting.leftOut != nil), "\(setting.name)")
        #expect(setting.about.hasSuffix("."))
      }
      #expect(learner.summary == name && L.about.hasSuffix("."))
    }
    check(try learner(name))
    #expect(Set(Self.names).count == Self.names.count)
    #expect(Set(LearnerChoice.models.map { $0.format }).count == Self.names.count)
    #expect(LearnerChoice.models.allSatisfy { !$0.format.contains(" ") })
  }

  @Test(arguments: names) func `learns, and the more the likelier`(name: String) async throws {
    let model = try await trained(try learner(name), on: try Customers(3000, seed: 1))
    let later = try Customers(3000, seed: 2)
    let ranking = try Ranking(
      scores: try await model.margins(later.features), labels: later.labels)
    #expect(try #require(ranking.rocAUC) > 0.75)
  }

  @Test(arguments: names) func `says for each row what adds up to its margin`(
    name: String
  ) async throws {
    let model = try await trained(try learner(name), on: try Customers(2000, seed: 3))
    let later = try Customers(2500, seed: 4)
    let margins = try await model.margins(later.features)
    let seen = Mutex(0)
    let contributions = try await model.contributions(later.features) { done, all in
      #expect(all == 2500)
      seen.withLock { $0 = done }
    }
    #expect(seen.withLock { $0 } == 2500)
    #expect(contributions.featureNames == later.features.names)
    for row in 0..<2500 {
      let features = contributions.features(row: row)
      #expect(
        abs(features.reduce(contributions.bias(row: row), +) - margins[row])
          < 1e-4 * max(1, abs(margins[row])))
      // What never changed says nothing of anybody.
      #expect(features.suffix(2).allSatisfy { $0 == 0 })
    }
  }

  @Test(arguments: names) func `gives equal bytes for equal seeds, and keeps every bit`(
    name: String
  ) async throws {
    let customers = try Customers(1500, seed: 5)
    let learner = try learner(name)
    let model = try await trained(learner, on: customers)
    let bytes = try model.serialized
    #expect(try await trained(learner, on: customers).serialized == bytes)
    let other = try await trained(learner, seed: 2, on: customers)
    #expect((try other.serialized != bytes) == type(of: learner).usesChance)

    let loaded = try await type(of: model).init(serialized: bytes)
    #expect(loaded.featureNames == model.featureNames && loaded.remarks == model.remarks)
    #expect(try loaded.serialized == bytes)
    let later = try Customers(500, seed: 6).features
    #expect(
      try await loaded.margins(later).map(\.bitPattern)
        == model.margins(later).map(\.bitPattern))
    #expect(try await loaded.contributions(later) == model.contributions(later))
    await #expect(throws: LearningError.self) {
      _ = try await type(of: model).init(serialized: Array("nothing of the kind".utf8))
    }
  }

  @Test(arguments: names) func `refuses rows of other features, and takes none`(
    name: String
  ) async throws {
    let model = try await trained(try learner(name), on: try Customers(500, seed: 7))
    let names = model.featureNames
    let none = try FeatureMatrix(names: names, columns: names.map { _ in [] })
    #expect(try await model.margins(none).isEmpty)
    #expect(try await model.contributions(none).rowCount == 0)
    let other = try FeatureMatrix(names: ["x"], columns: [[1]])
    await #expect(throws: LearningError.self) { _ = try await model.margins(other) }
    await #expect(throws: LearningError.self) { _ = try await model.contributions(other) }
    let infinite = try FeatureMatrix(
      names: names, columns: names.map { $0 == "noise" ? [.infinity] : [1] })
    await #expect(throws: LearningError.infiniteValues(feature: "noise", rows: 1)) {
      _ = try await model.margins(infinite)
    }
  }

  @Test(arguments: names) func `ends when it is cancelled`(name: String) async throws {
    let customers = try Customers(500, seed: 8)
    let learner = try learner(name)
    let (steps, step) = AsyncStream.makeStream(of: Void.self)
    // It waits in its first step until it was cancelled.
    let mayGoOn = DispatchSemaphore(value: 0)
    let task = Task {
      try await trained(learner, on: customers) { done, _ in
        guard done == 1 else { return }
        step.yield()
        mayGoOn.wait()
      }
    }
    for await _ in steps { break }
    task.cancel()
    mayGoOn.signal()
    await #expect(throws: CancellationError.self) { _ = try await task.value }
  }
}
