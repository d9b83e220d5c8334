import Foundation
import Synchronization
import Testing

@testable import Learning

/// Beside scikit-learn 1.5.2 on the irises: LogisticRegression(solver="liblinear", C=cost, tol=1e-12,
/// max_iter=100000), which builds its own copy of the solver, over features as 32-bit floats less their
/// numpy.nanmean, divided by their numpy.nanstd.
@Suite struct LogisticRegressionWitnessTests {
  struct Figures {
    let cost: Double
    let intercept: Double
    let coefficients: [Double]
    /// Of rows 0, 20, 50 and 99.
    let probabilities: [Double]
  }

  static let figures = [
    Figures(
      cost: 0.05, intercept: 0.006840739910149349,
      coefficients: [
        0.17694019186812177, -0.0058009223341910264, 0.6467130603088185, 0.7427324565550402,
      ],
      probabilities: [
        0.38980689125324836, 0.5096072516905655, 0.9104306455214176, 0.5690865409365773,
      ]),
    Figures(
      cost: 1, intercept: 0.08782990535008968,
      coefficients: [
        -0.28114767092543125, -0.5929281627035216, 2.212931756722553, 2.388004021586099,
      ],
      probabilities: [
        0.05075767491541623, 0.5174452424155068, 0.9990013571086646, 0.7748972039268093,
      ]),
    Figures(
      cost: 100, intercept: -0.2417827986387185,
      coefficients: [
        -1.4790544910419114, -1.8348732719005656, 6.574253374424128, 6.463834618330737,
      ],
      probabilities: [
        6.878411133195305e-05, 0.45025772955353643, 0.9999999921195358, 0.9647625590953567,
      ]),
  ]

  private func trained(_ features: FeatureMatrix, cost: Double) async throws -> LinearModel {
    var learner = LogisticRegression()
    learner.cost = cost
    learner.tolerance = 1e-9
    return try await learner.train(features, labels: Iris.labels)
  }

  private func expect(
    _ found: [Double], _ expected: [Double], sourceLocation: SourceLocation = #_sourceLocation
  ) {
    #expect(found.count == expected.count, sourceLocation: sourceLocation)
    for (found, expected) in zip(found, expected) {
      #expect(
        abs(found - expected) < 1e-6 * max(1, abs(expected)), sourceLocation: sourceLocation)
    }
  }

  @Test(arguments: figures.indices) func `coefficients and probabilities agree`(
    place: Int
  ) async throws {
    let figures = Self.figures[place]
    let features = try Iris.features()
    let model = try await trained(features, cost: figures.cost)
    expect([model.intercept], [figures.intercept])
    expect(model.terms.map(\.coefficient), figures.coefficients)
    let margins = try await model.margins(features)
    expect([0, 20, 50, 99].map { logistic(Double(margins[$0])) }, figures.probabilities)
  }

  /// A missing value became 0 after scaling; beside it stood numpy.isnan of the column, scaled likewise.
  @Test func `missing values agree`() async throws {
    let features = try Iris.features { row, feature in
      feature == 2 && row % 7 == 3 || feature == 0 && row % 11 == 5
    }
    let model = try await trained(features, cost: 1)
    expect([model.intercept], [0.19332979521371027])
    // Of the two numbers that say what is missing, per deviation as there.
    func perDeviation(_ term: LinearModel.Term) -> Double {
      term.missingCoefficient * (term.missing * (1 - term.missing)).squareRoot()
    }
    let terms = model.terms
    expect(
      [
        terms[0].coefficient, perDeviation(terms[0]), terms[1].coefficient,
        terms[2].coefficient, perDeviation(terms[2]), terms[3].coefficient,
      ],
      [
        0.013847772149028882, -0.2697808523915605, -0.5234099323960717, 1.8364315785555467,
        0.15093312398338316, 2.7857854514529015,
      ])
    let margins = try await model.margins(features)
    expect(
      [0, 3, 5, 50, 99].map { logistic(Double(margins[$0])) },
      [
        0.06889899916007541, 0.28131224594548837, 0.017230130793727625, 0.9994108388653512,
        0.7751592881561215,
      ])
  }
}

@Suite struct LogisticRegressionTests {
  /// Rows with missing values, a constant column, an empty one, one that is constant or missing, and a
  /// large number that differs little.
  private struct Awkward {
    let features: FeatureMatrix
    let labels: [Bool]

    init(rows: Int, seed: UInt64) throws {
      var random = SeededGenerator(seed)
      var columns: [[Float]] = Array(repeating: [], count: 6)
      var labels: [Bool] = []
      for _ in 0..<rows {
        let signal = Double.random(in: -2...2, using: &random)
        let isMissing = Int.random(in: 0..<5, using: &random) == 0
        columns[0].append(isMissing ? .nan : Float(signal))
        columns[1].append(7)
        columns[2].append(.nan)
        columns[3].append(Bool.random(using: &random) ? 3 : .nan)
        columns[4].append(1_000_000 + Float(Int.random(in: 0...3, using: &random)))
        columns[5].append(Float.random(in: 0...1, using: &random) < 0.02 ? 1 : 0)
        labels.append(Double.random(in: 0..<1, using: &random) < logistic(signal - 1))
      }
      features = try FeatureMatrix(
        names: ["signal", "constant", "empty", "one_or_none", "large", "rare"], columns: columns)
      self.labels = labels
    }
  }

  @Test(arguments: 1...8 as ClosedRange<UInt64>)
  func `contributions sum to the margin, and to nothing on average`(seed: UInt64) async throws {
    let train = try Awkward(rows: 2000, seed: seed)
    let model = try await LogisticRegression().train(train.features, labels: train.labels)
    let later = try Awkward(rows: 3000, seed: seed + 100)
    let margins = try await model.margins(later.features)
    let contributions = try await model.contributions(later.features)
    #expect(contributions.rowCount == 3000 && contributions.width == 7)
    for row in 0..<3000 {
      let features = contributions.features(row: row)
      let sum = features.reduce(Double(contributions.bias(row: row))) { $0 + Double($1) }
      #expect(abs(sum - Double(margins[row])) < 1e-5 * max(1, abs(sum)))
      #expect(features[features.startIndex + 1] == 0 && features[features.startIndex + 2] == 0)
    }
    // The bias is where an average row stands: over the rows learnt from nothing is left over.
    let learnt = try await model.contributions(train.features)
    for feature in 0..<6 {
      let values = (0..<2000).map { Double(Array(learnt.features(row: $0))[feature]) }
      #expect(abs(values.reduce(0, +)) / 2000 < 1e-6)
    }
  }

  /// At the one best solution the penalized likelihood has no slope.
  @Test(arguments: [0.01, 1, 50]) func `ends where the slope is nothing`(cost: Double) async throws
  {
    let sample = try Awkward(rows: 3000, seed: 21)
    var learner = LogisticRegression()
    learner.cost = cost
    learner.tolerance = 1e-7
    let model = try await learner.train(sample.features, labels: sample.labels)
    let margins = try await model.margins(sample.features)
    let errors = zip(margins, sample.labels).map { logistic(Double($0)) - ($1 ? 1 : 0) }
    #expect(abs(model.intercept + cost * errors.reduce(0, +)) < 1e-2 * cost)
    for (feature, term) in model.terms.enumerated() where term.deviation > 0 {
      let slope = errors.indices.reduce(0.0) { sum, row in
        let value = sample.features[row, feature]
        guard !value.isNaN else { return sum }
        return sum + errors[row] * (Double(value) - term.mean) / term.deviation
      }
      #expect(abs(term.coefficient + cost * slope) < 1e-2 * cost, "\(term.feature)")
    }
  }

  @Test func `equal rows give equal bytes, whatever the seed and whoever else learns`() async throws
  {
    let sample = try Awkward(rows: 1500, seed: 3)
    let first = try await LogisticRegression().train(sample.features, labels: sample.labels)
    try await withThrowingTaskGroup(of: [UInt8].self) { group in
      for seed in 0..<8 as Range<UInt32> {
        group.addTask {
          var learner = LogisticRegression()
          learner.seed = seed
          return try await learner.train(sample.features, labels: sample.labels).serialized
        }
      }
      for try await bytes in group { #expect(try bytes == first.serialized) }
    }
  }

  @Test func `a loaded model gives the same to the bit`() async throws {
    let sample = try Awkward(rows: 1500, seed: 4)
    let model = try await LogisticRegression().train(sample.features, labels: sample.labels)
    let loaded = try await LinearModel(serialized: model.serialized)
    #expect(loaded == model)
    #expect(try loaded.serialized == model.serialized)
    let margins = try await model.margins(sample.features).map(\.bitPattern)
    #expect(try await loaded.margins(sample.features).map(\.bitPattern) == margins)
    #expect(
      try await loaded.contributions(sample.features) == model.contributions(sample.features))
    for damaged in [[], Array("{}".utf8), Array(try model.serialized.dropLast(3))] {
      await #expect(throws: LearningError.damagedModel("it is no linear model")) {
        try await LinearModel(serialized: damaged)
      }
    }
  }

  @Test func `learns a signal and finds none in noise`() async throws {
    let train = try ChurnSample(rows: 4000, seed: 2)
    let later = try ChurnSample(rows: 4000, seed: 3)
    let model = try await LogisticRegression().train(train.features, labels: train.labels)
    let learnt = try Ranking(scores: try await model.margins(later.features), labels: later.labels)
    #expect(try #require(learnt.rocAUC) > 0.78)
    var random = SeededGenerator(4)
    let coins = train.labels.map { _ in Bool.random(using: &random) }
    let noise = try await LogisticRegression().train(train.features, labels: coins)
    let guessed = try Ranking(
      scores: try await noise.margins(later.features),
      labels: later.labels.map { _ in Bool.random(using: &random) })
    #expect(abs(try #require(guessed.rocAUC) - 0.5) < 0.04)
  }

  @Test func `parts are learnt from as one matrix is`() async throws {
    let parts = try [1, 2, 3].map { try Awkward(rows: 300, seed: $0) }
    let labels = parts.flatMap(\.labels)
    let names = parts[0].features.names
    let whole = try FeatureMatrix(
      names: names,
      columns: names.indices.map { feature in
        parts.flatMap { part in (0..<300).map { part.features[$0, feature] } }
      })
    let apart = try await LogisticRegression().train(parts.map(\.features), labels: labels)
    #expect(try await LogisticRegression().train(whole, labels: labels) == apart)
  }

  @Test func `of too many rows evenly spaced ones of each class are learnt from`() async throws {
    let sample = try Awkward(rows: 1200, seed: 6)
    var learner = LogisticRegression()
    learner.mostValues = 1200 * 6 / 3
    let model = try await learner.train(sample.features, labels: sample.labels)
    let positives = sample.labels.count { $0 }
    #expect(model.learntRows == (positives + 2) / 3 + (1200 - positives + 2) / 3)
    #expect(model.remarks.contains { $0.hasPrefix("learnt from \(model.learntRows) of 1200 rows") })
    // As if the others were not there.
    var seen = [false: 0, true: 0]
    let rows = sample.labels.indices.filter { row in
      seen[sample.labels[row], default: 0] += 1
      return seen[sample.labels[row], default: 0] % 3 == 1
    }
    let few = try FeatureMatrix(
      names: sample.features.names,
      columns: sample.features.names.indices.map { feature in
        rows.map { sample.features[$0, feature] }
      })
    let plain = try await LogisticRegression().train(few, labels: rows.map { sample.labels[$0] })
    #expect(plain.terms == model.terms && plain.intercept == model.intercept)
  }

  @Test func `what it says of itself names features and no values`() async throws {
    let sample = try Awkward(rows: 2000, seed: 7)
    let model = try await LogisticRegression().train(sample.features, labels: sample.labels)
    #expect(
      model.remarks.first == """
        features are scaled to mean 0 and deviation 1; of 2 with missing values these count as the \
        mean, and that they are missing has a coefficient of its own
        """)
    #expect(
      try #require(model.remarks.last).hasPrefix(
        "log-odds for one deviation, the largest: signal +"))
  }

  @Test func `steps are reported and cancelling ends it`() async throws {
    let sample = try Awkward(rows: 500, seed: 8)
    let seen = Mutex<[Int]>([])
    _ = try await LogisticRegression().train(sample.features, labels: sample.labels) { done, all in
      #expect(all == 4)
      seen.withLock { $0.append(done) }
    }
    #expect(seen.withLock { $0 } == [1, 2, 3, 4])

    // Cancelled from within the first step, it does not come to the second.
    let steps = Mutex(0)
    let held = Mutex<Task<LinearModel, any Error>?>(nil)
    let begun = AsyncStream.makeStream(of: Void.self)
    let task = Task {
      for await _ in begun.stream { break }
      return try await LogisticRegression().train(sample.features, labels: sample.labels) { _, _ in
        steps.withLock { $0 += 1 }
        held.withLock { $0?.cancel() }
      }
    }
    held.withLock { $0 = task }
    begun.continuation.finish()
    await #expect(throws: CancellationError.self) { try await task.value }
    #expect(steps.withLock { $0 } == 1)
  }

  @Test func `what it cannot learn from is refused`() async throws {
    let sample = try Awkward(rows: 100, seed: 9)
    await #expect(throws: LearningError.noWeights(learner: "logistic_regression")) {
      try await LogisticRegression().train(
        sample.features, labels: sample.labels, weights: sample.labels.map { _ in 1 })
    }
    var learner = LogisticRegression()
    learner.cost = 0
    let free = learner
    await #expect(
      throws: LearningError.invalidSetting(
        name: "cost", value: "0", allowed: "above 0 and at most 1000")
    ) { try await free.train(sample.features, labels: sample.labels) }
    await #expect(throws: LearningError.oneClass(label: true, rows: 100)) {
      try await LogisticRegression().train(
        sample.features, labels: sample.labels.map { _ in true })
    }
    let other = try FeatureMatrix(names: ["x"], columns: [[1]])
    let model = try await LogisticRegression().train(sample.features, labels: sample.labels)
    await #expect(throws: LearningError.self) { try await model.margins(other) }
  }

  @Test func `values far beyond those learnt from give scores all the same`() async throws {
    let model = try await LogisticRegression().train(
      FeatureMatrix(names: ["x"], columns: [(0..<100).map { Float($0 % 7) * 1e-3 }]),
      labels: (0..<100).map { $0 % 7 > 3 })
    let far = try FeatureMatrix(names: ["x"], columns: [[3e38, -3e38, 0]])
    let margins = try await model.margins(far)
    #expect(
      margins.allSatisfy { $0.isFinite } && margins[0] > margins[2] && margins[2] > margins[1])
    let contributions = try await model.contributions(far, onProgress: nil)
    #expect(contributions.values.allSatisfy { $0.isFinite })
  }
}
