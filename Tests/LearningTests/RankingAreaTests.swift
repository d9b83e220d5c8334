import Foundation
import Learning
import Testing

@Suite struct RankingAreaTests {
  /// Sixty rows with many ties.
  private static let labels = (0..<60).map { ($0 * 7) % 5 < 2 }
  private static let first = labels.enumerated().map { row, label in
    (Double((row * 37) % 41) / 4 + (label ? 3 : 0)).rounded(.down)
  }
  private static let second = labels.enumerated().map { row, label in
    (Double((row * 53) % 23) / 2 + (label ? 1.5 : 0)).rounded(.down)
  }

  /// The figures are those of MLstatkit 0.1.91, `Delong_test(labels, first, second)`, and agree with the
  /// definition written out in numpy, the covariances of the placements' means; the error of chance is
  /// that by which scipy 1.16's `mannwhitneyu(method='asymptotic', use_continuity=False)` divides.
  @Test func `areas and their errors are those of other implementations`() throws {
    let a = try #require(try RankingArea(scores: Self.first, labels: Self.labels))
    let b = try #require(try RankingArea(scores: Self.second, labels: Self.labels))
    func expectClose(_ value: Double?, _ expected: Double) throws {
      #expect(abs(try #require(value) - expected) < 1e-12)
    }
    #expect(a.positiveCount == 24 && a.negativeCount == 36)
    try expectClose(a.auc, 0.670138888888889)
    try expectClose(a.interval?.lowerBound, 0.5313849594176399)
    try expectClose(a.interval?.upperBound, 0.808892818360138)
    try expectClose(b.auc, 0.49189814814814814)
    try expectClose(b.interval?.lowerBound, 0.3385866529753729)
    try expectClose(b.variance?.squareRoot(), 0.07822158793838906)
    try expectClose(a.errors(above: b), 1.8608482489137326)
    try expectClose(b.errors(above: a), -1.8608482489137326)
    try expectClose(a.chanceError, 0.07628502612108772)
    #expect(a.isBetterThanChance && !b.isBetterThanChance)
    try expectClose(Ranking(scores: Self.first, labels: Self.labels).rocAUC, a.auc)
  }

  @Test func `what cannot be said is not said`() throws {
    #expect(try RankingArea(scores: [1.0, 2], labels: [true, true]) == nil)
    let one = try #require(try RankingArea(scores: [2.0, 1, 0], labels: [true, false, false]))
    #expect(one.auc == 1 && one.interval == nil && !one.isBetterThanChance)
    let flat = try #require(
      try RankingArea(scores: [1.0, 1, 1, 1], labels: [true, false, true, false]))
    #expect(flat.auc == 0.5 && flat.chanceError == 0 && !flat.isBetterThanChance)
    #expect(flat.errors(above: flat) == 0)
    #expect(throws: LearningError.shapeMismatch(what: "labels", found: 1, expected: 2)) {
      try RankingArea(scores: [1.0, 2], labels: [true])
    }
  }

  /// A score that knows nothing is taken for one that does in 2.5 of 100 cases, with few positives too.
  @Test(arguments: [(60, 8), (200, 100), (2000, 12)])
  func `chance is taken for chance`(rows: Int, positives: Int) throws {
    var random = SeededGenerator(UInt64(rows))
    let labels = (0..<rows).map { $0 < positives }
    let trials = 800
    let fooled = try (0..<trials).count { _ in
      let scores = labels.map { _ in Double.random(in: 0..<1, using: &random) }
      return try RankingArea(scores: scores, labels: labels)?.isBetterThanChance == true
    }
    let expected = Double(trials) * 0.025
    #expect(Double(fooled) < expected + 3 * expected.squareRoot(), "\(fooled) of \(trials)")
  }

  /// The interval holds the true area, Φ(d/√2) for normal scores that lie d apart, as often as it says.
  @Test func `intervals hold the true area`() throws {
    var random = SeededGenerator(11)
    let labels = (0..<300).map { $0 < 90 }
    let truth = 0.5 * erfc(-0.8 / 2)
    let trials = 400
    let holding = try (0..<trials).count { _ in
      let scores = labels.map { normal(using: &random) + ($0 ? 0.8 : 0) }
      return try RankingArea(scores: scores, labels: labels)?.interval?.contains(truth) == true
    }
    #expect(abs(Double(holding) / Double(trials) - 0.95) < 0.035, "\(holding) of \(trials)")
  }

  @Test func `a baseline is turned the better way`() throws {
    let labels = (0..<40).map { $0 < 20 }
    let scores = labels.indices.map { Double($0) }
    let margins = labels.map { Float($0 ? 1 : 0) }
    func baseline(_ scores: [Double], _ margins: [Float]) throws -> BaselineQuality {
      try BaselineQuality(
        scores: scores, labels: labels,
        beside: try RankingArea(scores: margins, labels: labels))
    }
    let turned = try baseline(scores, margins)
    #expect(turned.isTurned && turned.rocAUC == 1 && turned.errorsAboveModel == 0)
    let straight = try baseline(scores.map { -$0 }, margins)
    #expect(!straight.isTurned && straight.rocAUC == 1)
    let noise = margins.indices.map { Float(($0 * 17) % 40) }
    #expect(
      try #require(baseline(scores, noise).errorsAboveModel) > 3)
  }
}

/// A standard normal number (Box and Muller 1958).
func normal(using random: inout SeededGenerator) -> Double {
  let radius = (-2 * log(1 - Double.random(in: 0..<1, using: &random))).squareRoot()
  return radius * cos(2 * .pi * Double.random(in: 0..<1, using: &random))
}
