import Foundation
import Learning
import Testing

/// What tells the classes apart is found, however rare the label is.
///
/// ROOST_MODELS sets how many seeds are tried of each; `make soak PART=models` tries 20.
@Suite struct RareLabelTests {
  static let seeds =
    ProcessInfo.processInfo.environment["ROOST_MODELS"].flatMap(Int.init) ?? 1

  /// Customers of whom a tenth complained, which multiplies the odds by 60, beside four columns of noise.
  private struct Planted {
    let features: FeatureMatrix
    let labels: [Bool]
    /// The true log-odds.
    let truth: [Double]

    init(rows: Int, baseRate: Double, seed: UInt64) throws {
      var random = SeededGenerator(seed)
      let effect = log(60.0)
      // Bisection for the intercept that gives the base rate.
      var (low, high) = (-20.0, 20.0)
      for _ in 0..<60 {
        let middle = (low + high) / 2
        if 0.9 * logistic(middle) + 0.1 * logistic(middle + effect) < baseRate {
          low = middle
        } else {
          high = middle
        }
      }
      var columns = [[Float]](repeating: [], count: 5)
      var truth: [Double] = []
      for _ in 0..<rows {
        let complained = Double.random(in: 0..<1, using: &random) < 0.1
        columns[0].append(complained ? 1 : 0)
        for noise in 1..<5 { columns[noise].append(Float(normal(using: &random))) }
        truth.append(low + (complained ? effect : 0))
      }
      labels = truth.map { Double.random(in: 0..<1, using: &random) < logistic($0) }
      features = try FeatureMatrix(
        names: ["complained", "a", "b", "c", "d"], columns: columns)
      self.truth = truth
    }
  }

  @Test(arguments: [0.01, 0.02, 0.035, 0.1, 0.5], [2000, 6000])
  func `a telling feature is found`(baseRate: Double, rows: Int) async throws {
    for seed in 1...Self.seeds {
      let train = try Planted(rows: rows, baseRate: baseRate, seed: UInt64(seed))
      let later = try Planted(rows: 6000, baseRate: baseRate, seed: UInt64(1000 + seed))
      var settings = GradientBoosting()
      settings.threads = 1
      let trees = try await settings.train(train.features, labels: train.labels)
      let margins = try await trees.margins(later.features)
      let learnt = try #require(try RankingArea(scores: margins, labels: later.labels))
      let best = try #require(try Ranking(scores: later.truth, labels: later.labels).rocAUC)
      #expect(learnt.isBetterThanChance)
      #expect(best - learnt.auc < 0.06, "seed \(seed): \(learnt.auc) of \(best)")
    }
  }

  /// Half a percent of 4,000 rows are 20: what is found depends on luck, but something is.
  @Test func `the rarest is not given up`() async throws {
    for seed in 1...Self.seeds {
      let train = try Planted(rows: 4000, baseRate: 0.005, seed: UInt64(seed))
      let later = try Planted(rows: 20_000, baseRate: 0.005, seed: UInt64(1000 + seed))
      var settings = GradientBoosting()
      settings.threads = 1
      let trees = try await settings.train(train.features, labels: train.labels)
      let learnt = try #require(
        try RankingArea(scores: try await trees.margins(later.features), labels: later.labels))
      #expect(learnt.auc > 0.7, "seed \(seed): \(learnt.auc)")
    }
  }

  @Test func `the bound follows the rows and their rate`() {
    func bound(_ rows: Double, _ rate: Double) -> Double {
      GradientBoosting.minChildWeight(forTotal: rows * rate * (1 - rate))
    }
    #expect(bound(1e6, 0.3) == 20 && bound(20_000, 0.5) == 20)
    #expect(bound(2000, 0.035) < 2)
    #expect(bound(2000, 0.035) < bound(2000, 0.2))
    #expect(bound(2000, 0.2) < bound(20_000, 0.2))
  }
}
