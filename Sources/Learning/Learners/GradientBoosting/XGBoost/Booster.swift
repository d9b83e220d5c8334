import CXGBoost

/// An XGBoost booster, freed with the value. Not thread-safe: it lives inside one `withXGBoost`.
struct Booster: ~Copyable {
  let handle: BoosterHandle

  enum Output: Int {
    case margin = 1
    case contributions = 2
  }

  /// A new booster that is trained on `data`.
  static func training(on data: borrowing DataMatrix) throws -> Booster {
    var created: BoosterHandle?
    var matrices: [DMatrixHandle?] = [data.handle]
    try check(XGBoosterCreate(&matrices, 1, &created), "XGBoosterCreate")
    return try Booster(created)
  }

  /// The booster that `bytes` hold.
  static func loading(_ bytes: [UInt8], threads: Int) throws -> Booster {
    var created: BoosterHandle?
    try check(XGBoosterCreate(nil, 0, &created), "XGBoosterCreate")
    let booster = try Booster(created)
    do {
      try check(
        XGBoosterLoadModelFromBuffer(booster.handle, bytes, UInt64(bytes.count)),
        "XGBoosterLoadModelFromBuffer")
    } catch LearningError.library(_, _, let reason) {
      throw LearningError.damagedModel(reason)
    }
    try booster.set("nthread", to: "\(threads)")
    return booster
  }

  private init(_ created: BoosterHandle?) throws {
    guard let created else {
      throw LearningError.library(.xgboost, function: "XGBoosterCreate", reason: "no booster")
    }
    handle = created
  }

  deinit { XGBoosterFree(handle) }

  func set(_ parameter: String, to value: String) throws {
    try check(XGBoosterSetParam(handle, parameter, value), "XGBoosterSetParam")
  }

  /// Adds the trees of one round.
  func update(round: Int, with data: borrowing DataMatrix) throws {
    try check(
      XGBoosterUpdateOneIter(handle, Int32(round), data.handle), "XGBoosterUpdateOneIter")
  }

  /// Appends the predictions for all rows of `data` to `values`.
  func predict(_ output: Output, _ data: borrowing DataMatrix, appendingTo values: inout [Float])
    throws
  {
    var shape: UnsafePointer<UInt64>?
    var dimensions: UInt64 = 0
    var result: UnsafePointer<Float>?
    let config = """
      {"type": \(output.rawValue), "training": false, "iteration_begin": 0, "iteration_end": 0, \
      "strict_shape": false}
      """
    try check(
      XGBoosterPredictFromDMatrix(handle, data.handle, config, &shape, &dimensions, &result),
      "XGBoosterPredictFromDMatrix")
    guard let shape, let result else { return }
    let count = (0..<Int(dimensions)).reduce(1) { $0 * Int(shape[$1]) }
    values.append(contentsOf: UnsafeBufferPointer(start: result, count: count))
  }

  enum Format: String {
    /// XGBoost's binary JSON, which any later version reads.
    case ubj
    case json
  }

  /// The model in a format.
  func serialized(as format: Format = .ubj) throws -> [UInt8] {
    var count: UInt64 = 0
    var buffer: UnsafePointer<CChar>?
    try check(
      XGBoosterSaveModelToBuffer(handle, "{\"format\": \"\(format.rawValue)\"}", &count, &buffer),
      "XGBoosterSaveModelToBuffer")
    return Array(UnsafeRawBufferPointer(start: buffer, count: Int(count)))
  }

  func setFeatureNames(_ names: [String]) throws {
    try withCStrings(names) { pointers in
      var pointers = pointers
      try check(
        XGBoosterSetStrFeatureInfo(handle, "feature_name", &pointers, UInt64(names.count)),
        "XGBoosterSetStrFeatureInfo")
    }
  }

  func featureNames() throws -> [String] {
    var count: UInt64 = 0
    var names: UnsafeMutablePointer<UnsafePointer<CChar>?>?
    try check(
      XGBoosterGetStrFeatureInfo(handle, "feature_name", &count, &names),
      "XGBoosterGetStrFeatureInfo")
    return UnsafeBufferPointer(start: names, count: Int(count)).compactMap { name in
      name.map { String(cString: $0) }
    }
  }
}

/// Calls `body` with C strings that live until it returns.
private func withCStrings<Value>(
  _ strings: [String], _ body: ([UnsafePointer<CChar>?]) throws -> Value
) rethrows -> Value {
  var bytes: [CChar] = []
  let offsets = strings.map { string in
    defer { bytes += string.utf8CString }
    return bytes.count
  }
  return try bytes.withUnsafeBufferPointer { bytes in
    try body(offsets.map { offset in bytes.baseAddress.map { $0 + offset } })
  }
}
