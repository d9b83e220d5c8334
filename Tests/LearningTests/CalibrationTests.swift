import Foundation
import Learning
import Testing

@Suite struct PlattScalingTests {
  /// The values are those of scikit-learn 1.9.1 (`_sigmoid_calibration`, which fits the same
  /// smoothed targets with L-BFGS).
  @Test func agreesWithScikitLearn() throws {
    let fit = try PlattScaling(
      margins: (0..<40).map { Float($0 - 20) / 5 }, labels: CalibrationTableTests.labels)
    #expect(abs(fit.slope - 0.3687349089077305) < 1e-4)
    #expect(abs(fit.intercept - -0.19680266667209975) < 1e-4)
  }

  @Test func `recovers the parameters of generated data`() throws {
    var random = SeededGenerator(21)
    let margins = (0..<50_000).map { _ in Float.random(in: -4...4, using: &random) }
    let labels = margins.map {
      Double.random(in: 0..<1, using: &random) < logistic(0.7 * Double($0) - 1.2)
    }
    let fit = try PlattScaling(margins: margins, labels: labels)
    #expect(abs(fit.slope - 0.7) < 0.03)
    #expect(abs(fit.intercept - -1.2) < 0.04)
    // A property of the maximum: the mean probability is the mean target, next to the base rate.
    let mean = fit.probabilities(margins: margins).reduce(0, +) / 50_000
    #expect(abs(mean - Double(labels.count { $0 }) / 50_000) < 1e-4)
  }

  @Test func `is the same whatever the scale of the margins`() throws {
    let margins = (0..<40).map { Float($0 - 20) / 4 }
    let labels = CalibrationTableTests.labels
    let fit = try PlattScaling(margins: margins, labels: labels)
    let scaled = try PlattScaling(margins: margins.map { $0 * 1024 + 4096 }, labels: labels)
    for margin in margins {
      let expected = fit.probability(margin: margin)
      #expect(abs(scaled.probability(margin: margin * 1024 + 4096) - expected) < 1e-9)
    }
  }

  @Test func `keeps the order and stays between zero and one`() throws {
    let fit = try PlattScaling(
      margins: (0..<40).map { Float($0 - 20) / 5 }, labels: CalibrationTableTests.labels)
    let probabilities = fit.probabilities(margins: (-100...100).map { Float($0) / 4 })
    #expect(zip(probabilities, probabilities.dropFirst()).allSatisfy { $0 < $1 })
    for margin: Float in [-1e30, 1e30] {
      #expect((0...1).contains(fit.probability(margin: margin)))
    }
  }

  @Test func `separable classes stay finite`() throws {
    let fit = try PlattScaling(
      margins: [-2, -1.5, -1, 1, 1.5, 2], labels: [false, false, false, true, true, true])
    #expect(fit.slope.isFinite && fit.slope > 0)
    // Platt's targets are 0.8 and 0.2.
    #expect(fit.probability(margin: 2) < 0.95 && fit.probability(margin: -2) > 0.05)
  }

  @Test func `a model that ranks backwards gives one probability`() throws {
    let fit = try PlattScaling(
      margins: [-2, -1, 1, 2, 3], labels: [true, true, false, false, true])
    #expect(fit.slope == 0)
    // Targets: 3 × 4/5 + 2 × 1/4 over 5 rows.
    #expect(abs(fit.probability(margin: 0) - (3 * 0.8 + 2 * 0.25) / 5) < 1e-12)
    let constant = try PlattScaling(margins: [1, 1, 1], labels: [true, false, false])
    #expect(constant.slope == 0)
  }

  @Test func `refuses what cannot be fitted`() {
    #expect(throws: LearningError.noRows) { try PlattScaling(margins: [], labels: []) }
    #expect(throws: LearningError.oneClass(label: false, rows: 2)) {
      try PlattScaling(margins: [1, 2], labels: [false, false])
    }
    #expect(throws: LearningError.notFinite(what: "margins", rows: 1)) {
      try PlattScaling(margins: [1, .nan], labels: [false, true])
    }
    #expect(throws: LearningError.shapeMismatch(what: "labels", found: 1, expected: 2)) {
      try PlattScaling(margins: [1, 2], labels: [false])
    }
  }
}

@Suite struct CalibrationTableTests {
  static let labels: [Bool] = [
    0, 0, 0, 0, 0, 1, 0, 0, 1, 0, 0, 0, 0, 0, 1, 1, 0, 0, 0, 1,
    1, 0, 1, 0, 1, 1, 0, 1, 0, 1, 1, 1, 0, 1, 0, 1, 1, 1, 1, 0,
  ].map { $0 == 1 }

  /// The values are those of scikit-learn 1.9.1: calibration_curve(strategy="quantile").
  @Test func agreesWithScikitLearn() throws {
    let table = try CalibrationTable(
      probabilities: (0..<40).map { Double($0 * 2 + 1) / 80 }, labels: Self.labels)
    let observed = [0.0, 0.25, 0.25, 0.5, 0.25, 0.5, 0.75, 0.75, 0.5, 0.75]
    #expect(table.bins.map(\.observed) == observed)
    #expect(table.bins.allSatisfy { $0.count == 4 })
    for (bin, row) in table.bins.enumerated() {
      #expect(abs(row.meanPredicted - (0.05 + 0.1 * Double(bin))) < 1e-12)
    }
    #expect(abs(try #require(table.expectedCalibrationError) - 0.12) < 1e-12)
  }

  @Test(arguments: 0..<20) func `bins hold all rows in any order`(seed: UInt64) throws {
    var random = SeededGenerator(seed)
    let count = Int.random(in: 1...50, using: &random)
    let probabilities = (0..<count).map { _ in Double(Int.random(in: 0...8, using: &random)) / 8 }
    let labels = (0..<count).map { _ in Bool.random(using: &random) }
    let table = try CalibrationTable(probabilities: probabilities, labels: labels)
    #expect(table.bins.count == min(count, 10))
    #expect(table.bins.reduce(0) { $0 + $1.count } == count)
    let sizes = table.bins.map(\.count)
    #expect(sizes.max().map { $0 - (sizes.min() ?? 0) <= 1 } == true)
    let positives = table.bins.reduce(0) { $0 + $1.observed * Double($1.count) }
    #expect(abs(positives - Double(labels.count { $0 })) < 1e-9)
    let predicted = table.bins.reduce(0) { $0 + $1.meanPredicted * Double($1.count) }
    #expect(abs(predicted - probabilities.reduce(0, +)) < 1e-9)

    let order = (0..<count).shuffled(using: &random)
    let shuffled = try CalibrationTable(
      probabilities: order.map { probabilities[$0] }, labels: order.map { labels[$0] })
    #expect(shuffled == table)
  }

  @Test func `no rows have no error`() throws {
    let table = try CalibrationTable(probabilities: [], labels: [])
    #expect(table.bins.isEmpty && table.expectedCalibrationError == nil)
  }
}
