import Testing

@testable import TreeExplanations

/// The definition of Shapley values, by brute force over all sets of features, is the witness.
@Suite struct DefinitionTests {
  @Test func `values are those of the definition`() throws {
    let rows = Rows(2000, features: 6, missing: 0.2, seed: 7)
    let library = try LibraryModel(
      rows, labels: rows.labels, rounds: 6,
      parameters: ["objective": "binary:logistic", "max_depth": "7", "min_child_weight": "0.1"])
    let ensemble = try TreeEnsemble(xgboostJSON: library.json)
    let some = Rows(20, features: 6, missing: 0.3, seed: 8)
    var found = [Float](repeating: 0, count: 20 * 7)
    let explainer = try TreeExplainer(ensemble)
    found.withUnsafeMutableBufferPointer { found in
      some.values.withUnsafeBufferPointer {
        explainer.explain($0, rowCount: 20, into: found, threads: 1)
      }
    }
    for row in 0..<20 {
      let values = Array(some.values[row * 6..<(row + 1) * 6])
      let expected = Self.shapley(ensemble, values)
      for feature in 0..<6 {
        #expect(abs(Double(found[row * 7 + feature]) - expected[feature]) < 2e-6)
      }
    }
  }

  private static func shapley(_ ensemble: TreeEnsemble, _ row: [Float]) -> [Double] {
    let count = row.count
    let worth = (0..<(1 << count)).map { known in
      ensemble.trees.reduce(0.0) { $0 + value($1, 0, row, known) }
    }
    let factorials = (0...count).reduce(into: [1.0]) { $0.append($0[$1] * Double($1 + 1)) }
    return (0..<count).map { feature in
      (0..<(1 << count)).filter { $0 & (1 << feature) == 0 }.reduce(0.0) { sum, known in
        let size = known.nonzeroBitCount
        let share = factorials[size] * factorials[count - size - 1] / factorials[count]
        return sum + share * (worth[known | (1 << feature)] - worth[known])
      }
    }
  }

  /// What a tree gives on average to rows of which only some features are known.
  private static func value(
    _ tree: TreeEnsemble.Tree, _ node: Int, _ row: [Float], _ known: Int
  ) -> Double {
    switch tree.nodes[node] {
    case .leaf(let value, _): return Double(value)
    case .split(let split):
      if known & (1 << split.feature) != 0 {
        let value = row[split.feature]
        let goesLeft = value.isNaN ? split.missingGoesLeft : value < split.threshold
        return Self.value(tree, goesLeft ? split.left : split.right, row, known)
      }
      let left = Double(tree.nodes[split.left].cover) / Double(split.cover)
      return left * value(tree, split.left, row, known)
        + (1 - left) * value(tree, split.right, row, known)
    }
  }
}
