import Foundation
import Learning

/// SplitMix64: the same numbers on every platform for a seed.
struct SeededGenerator: RandomNumberGenerator {
  var state: UInt64

  init(_ seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}

func logistic(_ z: Double) -> Double { 1 / (1 + exp(-z)) }

/// Customers whose churn depends on recency and complaints; noise does nothing. One recency in ten
/// is missing.
struct ChurnSample {
  let features: FeatureMatrix
  let labels: [Bool]

  static let names = ["recency", "complaints", "noise"]

  init(rows: Int, seed: UInt64) throws {
    var random = SeededGenerator(seed)
    var columns: [[Float]] = [[], [], []]
    var labels: [Bool] = []
    for _ in 0..<rows {
      let recency = Double.random(in: 0..<90, using: &random)
      let complaints = Double(Int.random(in: 0...3, using: &random))
      let isMissing = Int.random(in: 0..<10, using: &random) == 0
      columns[0].append(isMissing ? .nan : Float(recency))
      columns[1].append(Float(complaints))
      columns[2].append(Float.random(in: 0..<1, using: &random))
      let risk = logistic(-4 + 0.06 * recency + 0.8 * complaints)
      labels.append(Double.random(in: 0..<1, using: &random) < risk)
    }
    features = try FeatureMatrix(names: Self.names, columns: columns)
    self.labels = labels
  }
}

/// Quick settings.
func smallTrees(threads: Int = 1, seed: UInt32 = 1) -> GradientBoosting {
  var settings = GradientBoosting()
  settings.rounds = 30
  settings.depth = 3
  settings.threads = threads
  settings.seed = seed
  return settings
}
