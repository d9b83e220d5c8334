import Testing

@testable import Learning

@Suite struct FeatureMatrixTests {
  @Test func `columns become rows`() throws {
    // More rows than one block of the transposition.
    let a = (0..<1000).map { Float($0) }
    let b = a.map { -$0 }
    let matrix = try FeatureMatrix(names: ["a", "b"], columns: [a, b])
    #expect(matrix.rowCount == 1000)
    #expect(matrix.values == zip(a, b).flatMap { [$0, $1] })
    #expect(matrix[999, 1] == -999)
  }

  @Test func `wrong shapes are refused`() {
    #expect(throws: LearningError.duplicateFeature("a")) {
      try FeatureMatrix(names: ["a", "a"], columns: [[1], [1]])
    }
    #expect(
      throws: LearningError.shapeMismatch(what: "rows of feature 'b'", found: 1, expected: 2)
    ) {
      try FeatureMatrix(names: ["a", "b"], columns: [[1, 2], [1]])
    }
    #expect(throws: LearningError.self) { try FeatureMatrix(names: ["a"], columns: []) }
  }

  @Test func `an infinity is named`() throws {
    let matrix = try FeatureMatrix(
      names: ["a", "b"], columns: [[1, .nan, 2], [.infinity, 1, -.infinity]])
    #expect(throws: LearningError.infiniteValues(feature: "b", rows: 2)) {
      try matrix.checkNoInfinity()
    }
  }
}
