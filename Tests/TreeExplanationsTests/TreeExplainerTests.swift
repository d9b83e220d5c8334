import Foundation
import Testing

@testable import TreeExplanations

/// The library's values are the witness, to 1e-5 on every row.
@Suite struct TreeExplainerTests {
  struct Model: Sendable, CustomTestStringConvertible {
    let name: String
    var rounds = 40
    var features = 12
    var parameters: [String: String] = [:]
    var testDescription: String { name }
  }

  static let models: [Model] =
    [1, 2, 3, 4, 6, 8, 10].map {
      Model(name: "depth \($0)", parameters: ["max_depth": "\($0)", "min_child_weight": "0.1"])
    } + [
      Model(
        name: "few features, so that paths repeat them", features: 3,
        parameters: ["max_depth": "9", "min_child_weight": "0.01"]),
      Model(name: "one feature", features: 1, parameters: ["max_depth": "5"]),
      Model(
        name: "a forest", rounds: 8,
        parameters: [
          "max_depth": "5", "num_parallel_tree": "5", "subsample": "0.5", "colsample_bynode": "0.5",
        ]),
      Model(name: "no trees", rounds: 0),
      Model(name: "only leaves", parameters: ["gamma": "1e9"]),
      Model(name: "hinge", parameters: ["objective": "binary:hinge", "max_depth": "6"]),
      Model(name: "squares", parameters: ["objective": "reg:squarederror", "base_score": "0.2"]),
      Model(name: "counts", parameters: ["objective": "count:poisson", "base_score": "0.4"]),
      Model(name: "raw", parameters: ["objective": "binary:logitraw", "base_score": "0.3"]),
      Model(
        name: "leaf by leaf",
        parameters: ["grow_policy": "lossguide", "max_leaves": "40", "max_depth": "0"]),
      Model(name: "another base", parameters: ["base_score": "0.05", "max_depth": "6"]),
    ]

  private static func trained(_ model: Model, seed: UInt64 = 1) throws -> LibraryModel {
    let rows = Rows(3000, features: model.features, seed: seed)
    let parameters = ["objective": "binary:logistic", "seed": "\(seed)"]
      .merging(model.parameters) { $1 }
    return try LibraryModel(rows, labels: rows.labels, rounds: model.rounds, parameters: parameters)
  }

  private static func explained(
    _ rows: Rows, _ explainer: TreeExplainer, threads: Int = 1
  ) -> [Float] {
    var result = [Float](repeating: .nan, count: rows.count * (rows.featureCount + 1))
    result.withUnsafeMutableBufferPointer { result in
      rows.values.withUnsafeBufferPointer {
        explainer.explain($0, rowCount: rows.count, into: result, threads: threads)
      }
    }
    return result
  }

  /// The greatest difference, relative where values are above 1.
  private static func difference(_ a: [Float], _ b: [Float]) -> Float {
    zip(a, b).reduce(0) { max($0, abs($1.0 - $1.1) / max(1, abs($1.1))) }
  }

  @Test(arguments: models, TreeExplainer.Kernel.available)
  func `values are the library's`(model: Model, kernel: TreeExplainer.Kernel) throws {
    let library = try Self.trained(model)
    // Not a multiple of any block, with values that training never saw.
    let rows = Rows(501, features: model.features, missing: 0.4, seed: 2)
    let explainer = try TreeExplainer(TreeEnsemble(xgboostJSON: library.json), kernel: kernel)
    let difference = Self.difference(
      Self.explained(rows, explainer), try library.contributions(rows))
    #expect(difference < 1e-5)
  }

  @Test func `early stopping counts the first rounds only`() throws {
    let library = try Self.trained(
      Model(name: "", rounds: 10, parameters: ["num_parallel_tree": "3", "subsample": "0.6"]))
    let rows = Rows(300, features: 12, seed: 3)
    let explainer = try TreeExplainer(TreeEnsemble(xgboostJSON: library.json, rounds: 4))
    let difference = Self.difference(
      Self.explained(rows, explainer), try library.contributions(rows, rounds: 4))
    #expect(difference < 1e-5)
    #expect(throws: TreeEnsembleError.self) {
      try TreeEnsemble(xgboostJSON: library.json, rounds: 11)
    }
  }

  @Test func `the number of threads changes nothing`() throws {
    let library = try Self.trained(Model(name: "", parameters: ["max_depth": "6"]))
    let rows = Rows(1000, features: 12, seed: 4)
    for kernel in TreeExplainer.Kernel.available {
      let explainer = try TreeExplainer(TreeEnsemble(xgboostJSON: library.json), kernel: kernel)
      let one = Self.explained(rows, explainer)
      for threads in [2, 3, 7] {
        #expect(Self.explained(rows, explainer, threads: threads) == one)
      }
    }
  }

  /// A row's contributions do not depend on the rows beside it.
  @Test func `rows are explained alone as in a crowd`() throws {
    let library = try Self.trained(Model(name: "", parameters: ["max_depth": "6"]))
    let rows = Rows(70, features: 12, seed: 5)
    let explainer = try TreeExplainer(TreeEnsemble(xgboostJSON: library.json))
    let all = Self.explained(rows, explainer)
    for row in [0, 1, 63, 64, 69] {
      var alone = [Float](repeating: 0, count: 13)
      alone.withUnsafeMutableBufferPointer { alone in
        Array(rows.values[row * 12..<(row + 1) * 12]).withUnsafeBufferPointer {
          explainer.explain($0, rowCount: 1, into: alone, threads: 4)
        }
      }
      #expect(alone == Array(all[row * 13..<(row + 1) * 13]))
    }
  }

  @Test func `what is not known is left to the library`() throws {
    let rows = Rows(500, features: 4, missing: 0, seed: 6)
    func json(_ parameters: [String: String], categories: Set<Int> = [], labels: [Float]? = nil)
      throws -> Data
    {
      try LibraryModel(
        rows, labels: labels ?? rows.labels, rounds: 5, parameters: parameters,
        categories: categories
      ).json
    }
    let logistic = ["objective": "binary:logistic"]
    let classes = (0..<rows.count).map { Float($0 % 3) }
    for model in [
      try json(logistic.merging(["booster": "dart", "rate_drop": "0.5"]) { $1 }),
      try json(logistic.merging(["booster": "gblinear", "tree_method": "auto"]) { $1 }),
      try json(["objective": "multi:softprob", "num_class": "3"], labels: classes),
      try json(["objective": "rank:pairwise"]),
      try json(
        logistic.merging(["max_cat_to_onehot": "1"]) { $1 }, categories: [1]),
    ] {
      let error = #expect(throws: TreeEnsembleError.self) { try TreeEnsemble(xgboostJSON: model) }
      guard case .unsupported = error else {
        Issue.record("\(String(describing: error))")
        continue
      }
    }
    for text in ["", "{}", "[1]", "{\"learner\": {}}"] {
      let error = #expect(throws: TreeEnsembleError.self) {
        try TreeEnsemble(xgboostJSON: Data(text.utf8))
      }
      guard case .malformed = error else {
        Issue.record("\(String(describing: error))")
        continue
      }
    }
  }
}
