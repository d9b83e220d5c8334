import Testing

@testable import Learning

@Suite struct CauseTests {
  private let features = ["discount", "price", "complaints", "views", "age"]
  private let groups = [
    CauseGroups.Group(cause: "price", features: ["discount", "price"]),
    CauseGroups.Group(cause: "service", features: ["complaints"]),
    CauseGroups.Group(cause: "engagement", features: ["views"]),
  ]

  private func ranking(_ rows: [[Float]], top count: Int) throws -> CauseRanking {
    let contributions = Contributions(
      featureNames: features, values: rows.flatMap { $0 + [-9] })
    return try CauseGroups(groups, featureNames: features).ranked(contributions, top: count)
  }

  @Test func `contributions are summed over causes and ranked`() throws {
    // price 1.5 − 0.5 = 1, service −2, engagement 0.5, other 0.5
    let ranking = try ranking([[1.5, -0.5, -2, 0.5, 0.5]], top: 3)
    #expect(
      ranking[0] == [
        Cause(cause: "service", share: 0.5, direction: .down),
        Cause(cause: "price", share: 0.25, direction: .up),
        Cause(cause: "engagement", share: 0.125, direction: .up),
      ])
    #expect(ranking.topCause(row: 0) == "price")
  }

  @Test func `the top cause is always among those kept`() throws {
    let ranking = try ranking([[0, 0.5, -2, -1, -0.5]], top: 2)
    #expect(ranking.topCause(row: 0) == "price")
    #expect(ranking[0].map(\.cause) == ["service", "price"])
    #expect(ranking[0].map(\.direction) == [.down, .up])
  }

  @Test func `a row that nothing raises has no top cause`() throws {
    let ranking = try ranking([[-1, 0, 0, 0, 0], [0, 0, 0, 0, 0], [0, 0, 0, 0, 2]], top: 3)
    #expect(ranking.topCause(row: 0) == nil)
    #expect(ranking[0] == [Cause(cause: "price", share: 1, direction: .down)])
    #expect(ranking.topCause(row: 1) == nil)
    #expect(ranking[1].isEmpty)
    #expect(ranking.topCause(row: 2) == CauseGroups.other)
  }

  @Test(arguments: 0..<20) func `shares sum to one`(seed: UInt64) throws {
    var random = SeededGenerator(seed)
    let rows = (0..<50).map { _ in
      features.map { _ in Float.random(in: -1...1, using: &random) }
    }
    let ranking = try ranking(rows, top: 10)
    for (row, values) in rows.enumerated() {
      let causes = ranking[row]
      #expect(abs(causes.reduce(0) { $0 + $1.share } - 1) < 1e-5)
      #expect(zip(causes, causes.dropFirst()).allSatisfy { $0.share >= $1.share })
      let sums = [
        "price": values[0] + values[1], "service": values[2], "engagement": values[3],
        "other": values[4],
      ]
      let raising = sums.filter { $0.value > 0 }.max { $0.value < $1.value }?.key
      #expect(ranking.topCause(row: row) == raising)
    }
  }

  @Test func `groups that do not fit are refused`() throws {
    #expect(throws: LearningError.unknownFeatureInCause(cause: "x", feature: "nope")) {
      try CauseGroups([.init(cause: "x", features: ["nope"])], featureNames: features)
    }
    #expect(
      throws: LearningError.featureInTwoCauses(feature: "views", first: "a", second: "b")
    ) {
      try CauseGroups(
        [.init(cause: "a", features: ["views"]), .init(cause: "b", features: ["views"])],
        featureNames: features)
    }
    let groups = try CauseGroups(groups, featureNames: features)
    #expect(groups.causes == ["price", "service", "engagement", "other"])
    #expect(throws: LearningError.self) {
      try groups.ranked(Contributions(featureNames: ["discount"], values: [1, 0]), top: 1)
    }
  }
}
