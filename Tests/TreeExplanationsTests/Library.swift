import CXGBoost
import Foundation
import TestSupport

/// XGBoost itself, as the witness: a model trained by it, and what it says of rows.
final class LibraryModel {
  struct Failed: Error, CustomStringConvertible { let description: String }

  let json: Data
  private let booster: BoosterHandle?

  /// - Parameter categories: features whose values are categories.
  init(
    _ rows: Rows, labels: [Float], rounds: Int, parameters: [String: String],
    categories: Set<Int> = []
  ) throws {
    let matrix = try Self.matrix(rows, categories: categories)
    defer { XGDMatrixFree(matrix) }
    try Self.check(XGDMatrixSetFloatInfo(matrix, "label", labels, UInt64(labels.count)))
    var matrices: [DMatrixHandle?] = [matrix]
    var booster: BoosterHandle?
    try Self.check(XGBoosterCreate(&matrices, 1, &booster))
    let all = ["nthread": "1", "tree_method": "hist", "verbosity": "0"].merging(parameters) { $1 }
    for (name, value) in all { try Self.check(XGBoosterSetParam(booster, name, value)) }
    for round in 0..<rounds {
      try Self.check(XGBoosterUpdateOneIter(booster, Int32(round), matrix))
    }
    var count: UInt64 = 0
    var buffer: UnsafePointer<CChar>?
    try Self.check(XGBoosterSaveModelToBuffer(booster, #"{"format": "json"}"#, &count, &buffer))
    json = Data(UnsafeRawBufferPointer(start: buffer, count: Int(count)))
    self.booster = booster
  }

  deinit { XGBoosterFree(booster) }

  /// Contributions, rows × (features + 1); of the first rounds only where a number is given.
  func contributions(_ rows: Rows, rounds: Int = 0, margins: [Float]? = nil) throws -> [Float] {
    let matrix = try Self.matrix(rows, categories: [])
    defer { XGDMatrixFree(matrix) }
    if let margins {
      try Self.check(XGDMatrixSetFloatInfo(matrix, "base_margin", margins, UInt64(margins.count)))
    }
    var shape: UnsafePointer<UInt64>?
    var dimensions: UInt64 = 0
    var result: UnsafePointer<Float>?
    let config = """
      {"type": 2, "training": false, "iteration_begin": 0, "iteration_end": \(rounds), \
      "strict_shape": false}
      """
    try Self.check(
      XGBoosterPredictFromDMatrix(booster, matrix, config, &shape, &dimensions, &result))
    return Array(
      UnsafeBufferPointer(start: result, count: rows.count * (rows.featureCount + 1)))
  }

  private static func matrix(_ rows: Rows, categories: Set<Int>) throws -> DMatrixHandle? {
    var matrix: DMatrixHandle?
    try check(
      XGDMatrixCreateFromMat(
        rows.values, UInt64(rows.count), UInt64(rows.featureCount), .nan, &matrix))
    if !categories.isEmpty {
      let types = (0..<rows.featureCount).map { strdup(categories.contains($0) ? "c" : "q") }
      defer { for type in types { free(type) } }
      var pointers = types.map { UnsafePointer<CChar>($0) }
      try check(
        XGDMatrixSetStrFeatureInfo(matrix, "feature_type", &pointers, UInt64(types.count)))
    }
    return matrix
  }

  private static func check(_ status: Int32) throws {
    guard status != 0 else { return }
    throw Failed(description: XGBGetLastError().map { String(cString: $0) } ?? "no reason")
  }
}

/// Made-up rows whose label depends on some features and their interaction.
struct Rows {
  let count: Int
  let featureCount: Int
  let values: [Float]
  let labels: [Float]

  /// - Parameter missing: the share of missing values, in every third feature.
  init(_ count: Int, features: Int, missing: Double = 0.15, seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    self.count = count
    featureCount = features
    var values: [Float] = []
    var labels: [Float] = []
    for _ in 0..<count {
      let row = (0..<features).map { feature -> Float in
        if feature % 3 == 0, Double.random(in: 0..<1, using: &generator) < missing { return .nan }
        // Some features have few values, so that thresholds are hit exactly.
        return feature % 2 == 0
          ? Float.random(in: -2..<2, using: &generator)
          : Float(Int.random(in: 0..<6, using: &generator))
      }
      let signal = row.enumerated().reduce(Float(0)) { sum, entry in
        entry.element.isNaN ? sum + 0.3 : sum + entry.element * (entry.offset % 2 == 0 ? 1 : -0.4)
      }
      values += row
      labels.append(
        signal * (row[features > 1 ? 1 : 0] > 2 ? 1 : -1)
          + Float.random(in: -1..<1, using: &generator) > 0 ? 1 : 0)
    }
    self.values = values
    self.labels = labels
  }
}
