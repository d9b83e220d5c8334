import Testing

@testable import Learning

@Suite struct CategoryTests {
  private static let cities: [String?] =
    Array(repeating: "oslo", count: 90) + Array(repeating: "rome", count: 120)
    + Array(repeating: "bonn", count: 90) + Array(repeating: nil, count: 5) + ["a", "b", "c"]

  @Test func `frequent values have a number each, rare ones share one`() throws {
    let encoding = CategoryEncoding(names: ["city"], fitting: [Self.cities])
    let city = try #require(encoding.features.first)
    // Of equally frequent ones the least first.
    #expect(city.values == ["rome", "bonn", "oslo"] && city.rareValues == 3 && city.hasMissing)
    #expect(
      encoding.numberNames(of: "city") == ["city:1", "city:2", "city:3", "city:rare", "city:none"])
    #expect(encoding.numberNames(of: "age") == ["age"])
    let numbers = try FeatureMatrix(names: ["age"], columns: [[7, 8, 9, 10, 11]])
    // One that was never seen is a rare one.
    let matrix = try encoding.matrix(numbers, [["oslo", "a", nil, "never seen", "rome"]])
    #expect(matrix.names == ["age"] + city.numberNames)
    #expect(
      matrix.values == [
        7, 0, 0, 1, 0, 0,
        8, 0, 0, 0, 1, 0,
        9, 0, 0, 0, 0, 1,
        10, 0, 0, 0, 1, 0,
        11, 1, 0, 0, 0, 0,
      ])
  }

  @Test func `of few rows, what is seen once has no number of its own`() {
    let encoding = CategoryEncoding(names: ["x"], fitting: [["a", "b", "b", "c"]])
    #expect(encoding.features[0].values == ["b"] && encoding.features[0].rareValues == 2)
  }

  @Test(arguments: 1...10 as ClosedRange<UInt64>)
  func `each row has exactly one of a feature's numbers`(seed: UInt64) throws {
    var random = SeededGenerator(seed)
    let count = Int.random(in: 1...2000, using: &random)
    let kinds = Int.random(in: 1...60, using: &random)
    let texts = (0..<count).map { _ -> String? in
      let kind = Int.random(in: 0...kinds, using: &random)
      // Lower ones are more frequent.
      return kind == 0 ? nil : "k\(Int.random(in: 1...kind, using: &random))"
    }
    let encoding = CategoryEncoding(names: ["kind"], fitting: [texts])
    let feature = encoding.features[0]
    #expect(feature.values.count <= CategoryEncoding.mostValues)
    let none = try FeatureMatrix(names: [], columns: [])
    let matrix = try encoding.matrix(none, [texts])
    #expect(matrix.rowCount == count)
    for row in 0..<count {
      #expect((0..<matrix.featureCount).reduce(0) { $0 + matrix[row, $1] } == 1)
    }
    // Whatever has a number of its own is at least as frequent as any that has none.
    var counts: [String: Int] = [:]
    for text in texts { if let text { counts[text, default: 0] += 1 } }
    let least = feature.values.compactMap { counts[$0] }.min() ?? .max
    #expect(counts.allSatisfy { feature.values.contains($0.key) || $0.value <= least })
    // The order of rows plays no part.
    #expect(CategoryEncoding(names: ["kind"], fitting: [texts.reversed()]) == encoding)
  }

  @Test func `a model keeps how its texts became numbers`() async throws {
    let sample = try ChurnSample(rows: 600, seed: 5)
    let texts = sample.labels.enumerated().map { row, label -> String? in
      row % 9 == 0 ? nil : label == (row % 4 != 0) ? "often" : "seldom"
    }
    let encoding = CategoryEncoding(names: ["habit"], fitting: [texts])
    let features = try encoding.matrix(sample.features, [texts])
    let learnt = try await LogisticRegression().train(features, labels: sample.labels)
    let model = try CalibratedModel(
      model: learnt, calibration: PlattScaling(slope: 1, intercept: 0),
      causes: CauseGroups(
        [.init(cause: "habits", features: encoding.numberNames(of: "habit"))],
        featureNames: learnt.featureNames),
      categories: encoding)
    let loaded = try await CalibratedModel(
      serialized: model.serialized(), kinds: [LinearModel.self])
    #expect(loaded.categories == encoding)
    // Those who leave do it often.
    let causes = try await loaded.explain(features, top: 2)
    let rows = texts.indices.filter { texts[$0] == "often" && sample.features[$0, 1] == 0 }
    #expect(!rows.isEmpty)
    for row in rows {
      #expect(causes[row].contains { $0.cause == "habits" && $0.direction == .up })
    }
    #expect(!learnt.remarks.contains { $0.contains("often") || $0.contains("seldom") })
  }

  @Test func `names and rows have to fit`() throws {
    let encoding = CategoryEncoding(names: ["x"], fitting: [["a", "a", "b", "b"]])
    let taken = try FeatureMatrix(names: ["x:1"], columns: [[1, 2]])
    #expect(throws: LearningError.duplicateFeature("x:1")) {
      try encoding.matrix(taken, [["a", "b"]])
    }
    let longer = try FeatureMatrix(names: ["y"], columns: [[1, 2, 3]])
    #expect(throws: LearningError.self) { try encoding.matrix(longer, [["a", "b"]]) }
    #expect(try CategoryEncoding.none.matrix(longer, []).values == longer.values)
  }
}
