import Learning
import Testing

@Suite struct RankingTests {
  private let labels: [Bool] = [
    true, true, false, false, false, true, true, true, true, false,
  ]
  private let scores = [
    0.6125478, 0.3642710, 0.4321361, 0.1402911, 0.3848959, 0.2444155, 0.9706413, 0.8901728,
    0.7817814, 0.8687518,
  ]
  private let tiedScores = [0.6, 0.4, 0.4, 0.2, 0.4, 0.2, 1.0, 0.8, 0.8, 0.8]

  /// The example of Hanley and McNeil (1982): 0.893 with 51 abnormal and 58 normal pictures, ±0.032.
  @Test func `the standard error is that of its source`() throws {
    let error = RankingPrecision.standardError(auc: 0.893, positives: 51, negatives: 58)
    #expect(abs(try #require(error) - 0.0325) < 0.0005)
    #expect(RankingPrecision.standardError(auc: 1, positives: 5, negatives: 8) == 0)
    #expect(RankingPrecision.standardError(auc: 0.5, positives: 0, negatives: 8) == nil)
  }

  /// The values are those of scikit-learn 1.9.1: roc_auc_score, average_precision_score, log_loss
  /// and brier_score_loss.
  @Test func `agrees with scikit-learn`() throws {
    let ranking = try Ranking(scores: scores, labels: labels)
    #expect(abs(try #require(ranking.rocAUC) - 0.6666666666666666) < 1e-15)
    #expect(abs(try #require(ranking.averagePrecision) - 0.8069444444444444) < 1e-15)
    let logLoss = try ProbabilityLoss.logLoss(probabilities: scores, labels: labels)
    #expect(abs(try #require(logLoss) - 0.6534852987749085) < 1e-14)
    let brier = try ProbabilityLoss.brier(probabilities: scores, labels: labels)
    #expect(abs(try #require(brier) - 0.22950195553800504) < 1e-14)

    let tied = try Ranking(scores: tiedScores, labels: labels)
    #expect(abs(try #require(tied.rocAUC) - 0.6875) < 1e-15)
    #expect(abs(try #require(tied.averagePrecision) - 0.7541666666666667) < 1e-15)
    let tiedLoss = try ProbabilityLoss.logLoss(probabilities: tiedScores, labels: labels)
    #expect(abs(try #require(tiedLoss) - 0.6337074081982956) < 1e-14)
  }

  @Test(arguments: 0..<40) func `agrees with the definitions`(seed: UInt64) throws {
    var random = SeededGenerator(seed)
    let count = Int.random(in: 2...60, using: &random)
    let levels = Int.random(in: 1...12, using: &random)
    let scores = (0..<count).map { _ in
      let level = Int.random(in: 0...levels, using: &random)
      return level == 0 ? Float.nan : Float(level)
    }
    let labels =
      [true, false] + (2..<count).map { _ in Bool.random(using: &random) }
    let ranking = try Ranking(scores: scores, labels: labels)
    #expect(abs(try #require(ranking.rocAUC) - pairwiseAUC(scores, labels)) < 1e-12)
    #expect(
      abs(try #require(ranking.averagePrecision) - thresholdPrecision(scores, labels)) < 1e-12)

    let order = (0..<count).shuffled(using: &random)
    let shuffled = try Ranking(
      scores: order.map { scores[$0] }, labels: order.map { labels[$0] })
    #expect(shuffled.rocAUC == ranking.rocAUC)
    #expect(shuffled.averagePrecision == ranking.averagePrecision)
    #expect(shuffled.lift(top: 0.2) == ranking.lift(top: 0.2))
  }

  /// NaN as the lowest score of all.
  private func ranked(_ score: Float) -> Float { score.isNaN ? -1 : score }

  private func pairwiseAUC(_ scores: [Float], _ labels: [Bool]) -> Double {
    var (wins, pairs) = (0.0, 0.0)
    for i in labels.indices where labels[i] {
      for j in labels.indices where !labels[j] {
        let (a, b) = (ranked(scores[i]), ranked(scores[j]))
        wins += a > b ? 1 : a == b ? 0.5 : 0
        pairs += 1
      }
    }
    return wins / pairs
  }

  private func thresholdPrecision(_ scores: [Float], _ labels: [Bool]) -> Double {
    let positives = Double(labels.count { $0 })
    var (sum, lastRecall) = (0.0, 0.0)
    for threshold in Set(scores.map(ranked)).sorted(by: >) {
      let taken = labels.indices.filter { ranked(scores[$0]) >= threshold }
      let hits = Double(taken.count { labels[$0] })
      sum += (hits / positives - lastRecall) * hits / Double(taken.count)
      lastRecall = hits / positives
    }
    return sum
  }

  @Test func `lift is the mean over random tie orders`() throws {
    let scores: [Double] = [5, 4, 4, 4, 4, 3, 2, 2, 1, 0]
    let labels = [true, true, false, false, true, false, true, false, false, false]
    // The top three: the first, and two of four tied ones of which two are positive.
    let lift = try #require(try Ranking(scores: scores, labels: labels).lift(top: 0.3))
    #expect(abs(lift - (1 + 2 * 0.5) / 3 / 0.4) < 1e-12)
  }

  /// Sorting (score, label) pairs gives a random score of 12 levels a lift of about 1.37.
  @Test func `a score without information has a lift of one`() throws {
    let scores = (0..<1200).map { Double($0 % 12) }
    let labels = (0..<1200).map { ($0 / 12) % 4 == 0 }
    let ranking = try Ranking(scores: scores, labels: labels)
    #expect(abs(try #require(ranking.lift()) - 1) < 1e-12)
    let constant = try Ranking(scores: scores.map { _ in 0.5 }, labels: labels)
    #expect(constant.lift() == 1)
    #expect(constant.rocAUC == 0.5)
    #expect(constant.averagePrecision == constant.baseRate)
  }

  @Test func `without both classes there is no answer`() throws {
    let none = try Ranking(scores: [Double](), labels: [])
    #expect(none.rocAUC == nil && none.averagePrecision == nil && none.lift() == nil)
    #expect(none.baseRate == nil)
    let positive = try Ranking(scores: [1.0, 2], labels: [true, true])
    #expect(positive.rocAUC == nil && positive.averagePrecision == 1)
    let negative = try Ranking(scores: [1.0, 2], labels: [false, false])
    #expect(negative.rocAUC == nil && negative.averagePrecision == nil && negative.lift() == nil)
    #expect(throws: LearningError.shapeMismatch(what: "labels", found: 1, expected: 2)) {
      try Ranking(scores: [1.0, 2], labels: [true])
    }
  }

  @Test func `a baseline ranks missing values last`() throws {
    let quality = try BaselineQuality(
      scores: [30.0, .nan, 20, .nan], labels: [true, false, true, false],
      beside: nil)
    #expect(quality.rocAUC == 1 && quality.averagePrecision == 1 && quality.topDecileLift == 2)
  }
}
