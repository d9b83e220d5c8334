import CXGBoost
import Foundation

/// A model trained by XGBoost, and its own explanations on one thread.
final class LibraryModel {
  let json: Data
  private let booster: BoosterHandle?

  init(_ values: [Float], features: Int, labels: [Float], rounds: Int, depth: Int) throws {
    let matrix = try Self.matrix(values, rows: labels.count, features: features)
    defer { XGDMatrixFree(matrix) }
    try check(XGDMatrixSetFloatInfo(matrix, "label", labels, UInt64(labels.count)))
    var matrices: [DMatrixHandle?] = [matrix]
    var booster: BoosterHandle?
    try check(XGBoosterCreate(&matrices, 1, &booster))
    for (name, value) in [
      ("objective", "binary:logistic"), ("tree_method", "hist"), ("verbosity", "0"),
      ("max_depth", "\(depth)"), ("eta", "0.1"), ("nthread", "1"),
    ] {
      try check(XGBoosterSetParam(booster, name, value))
    }
    for round in 0..<rounds { try check(XGBoosterUpdateOneIter(booster, Int32(round), matrix)) }
    var count: UInt64 = 0
    var buffer: UnsafePointer<CChar>?
    try check(XGBoosterSaveModelToBuffer(booster, #"{"format": "json"}"#, &count, &buffer))
    json = Data(UnsafeRawBufferPointer(start: buffer, count: Int(count)))
    self.booster = booster
  }

  deinit { XGBoosterFree(booster) }

  /// Of the first rows: `rows` × (`features` + 1) values.
  func contributions(_ values: [Float], rows: Int, features: Int) throws -> [Float] {
    let matrix = try Self.matrix(values, rows: rows, features: features)
    defer { XGDMatrixFree(matrix) }
    var shape: UnsafePointer<UInt64>?
    var dimensions: UInt64 = 0
    var result: UnsafePointer<Float>?
    let config = """
      {"type": 2, "training": false, "iteration_begin": 0, "iteration_end": 0, \
      "strict_shape": false}
      """
    try check(XGBoosterPredictFromDMatrix(booster, matrix, config, &shape, &dimensions, &result))
    return Array(UnsafeBufferPointer(start: result, count: rows * (features + 1)))
  }

  private static func matrix(
    _ values: [Float], rows: Int, features: Int
  ) throws -> DMatrixHandle? {
    var matrix: DMatrixHandle?
    try check(
      XGDMatrixCreateFromMat(values, UInt64(rows), UInt64(features), .nan, &matrix))
    return matrix
  }
}

private func check(_ status: Int32) throws {
  guard status != 0 else { return }
  throw Failure(XGBGetLastError().map { String(cString: $0) } ?? "XGBoost gives no reason")
}
