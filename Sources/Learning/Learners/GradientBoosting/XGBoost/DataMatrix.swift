import CXGBoost

/// XGBoost's own copy of a range of rows, freed with the value.
struct DataMatrix: ~Copyable {
  let handle: DMatrixHandle

  /// Copies `rows` of `features`; NaN is a missing value.
  init(_ features: FeatureMatrix, rows: Range<Int>, threads: Int) throws {
    let width = features.featureCount
    var created: DMatrixHandle?
    try features.values.withUnsafeBufferPointer { values in
      let part = UnsafeBufferPointer(
        rebasing: values[rows.lowerBound * width..<rows.upperBound * width])
      try check(
        XGDMatrixCreateFromDense(
          arrayInterface(part, shape: "\(rows.count), \(width)"),
          #"{"missing": NaN, "nthread": \#(threads)}"#, &created),
        "XGDMatrixCreateFromDense")
    }
    guard let created else {
      throw LearningError.library(
        .xgboost, function: "XGDMatrixCreateFromDense", reason: "no matrix")
    }
    handle = created
  }

  init(handle: DMatrixHandle) { self.handle = handle }

  deinit { XGDMatrixFree(handle) }

  /// Sets a per-row `field`: "label" or "weight".
  func set(_ field: String, to values: [Float]) throws {
    try values.withUnsafeBufferPointer { values in
      try check(
        XGDMatrixSetInfoFromInterface(
          handle, field, arrayInterface(values, shape: "\(values.count)")),
        "XGDMatrixSetInfoFromInterface")
    }
  }
}

/// NumPy's array interface, version 3, as XGBoost reads it: the address of native 32-bit floats.
func arrayInterface(_ values: UnsafeBufferPointer<Float>, shape: String) -> String {
  let address = UInt(bitPattern: values.baseAddress)
  return #"{"data": [\#(address), true], "shape": [\#(shape)], "typestr": "<f4", "version": 3}"#
}
