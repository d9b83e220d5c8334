import CXGBoost

extension DataMatrix {
  /// The rows of all parts as XGBoost trains on them: one byte or two a value, made from the parts as
  /// they stand, without a copy of their numbers.
  /// - Throws: `LearningError.library`, `.noRows`.
  static func quantiles(of parts: [FeatureMatrix], threads: Int) throws -> DataMatrix {
    let parts = parts.filter { $0.rowCount > 0 }
    guard !parts.isEmpty else { throw LearningError.noRows }
    var proxy: DMatrixHandle?
    try check(XGProxyDMatrixCreate(&proxy), "XGProxyDMatrixCreate")
    defer { XGDMatrixFree(proxy) }
    var created: DMatrixHandle?
    try withBatches(of: parts[...], []) { batches in
      let iterator = BatchIterator(batches, proxy)
      try withExtendedLifetime(iterator) {
        try check(
          XGQuantileDMatrixCreateFromCallback(
            Unmanaged.passUnretained(iterator).toOpaque(), proxy, nil,
            { handle in BatchIterator.of(handle)?.reset() },
            { handle in BatchIterator.of(handle)?.next() ?? 0 },
            #"{"missing": NaN, "nthread": \#(threads)}"#, &created),
          "XGQuantileDMatrixCreateFromCallback")
      }
    }
    guard let created else {
      throw LearningError.library(
        .xgboost, function: "XGQuantileDMatrixCreateFromCallback", reason: "no matrix")
    }
    return DataMatrix(handle: created)
  }

  /// Calls `body` with each part's rows, whose addresses stay while it runs.
  private static func withBatches(
    of parts: ArraySlice<FeatureMatrix>, _ batches: [String],
    _ body: ([String]) throws -> Void
  ) throws {
    guard let part = parts.first else { return try body(batches) }
    try part.values.withUnsafeBufferPointer { values in
      let batch = arrayInterface(values, shape: "\(part.rowCount), \(part.featureCount)")
      try withBatches(of: parts.dropFirst(), batches + [batch], body)
    }
  }
}

/// Hands out batches of rows to XGBoost, which asks for all of them several times.
private final class BatchIterator {
  private let batches: [String]
  private let proxy: DMatrixHandle?
  private var place = 0

  init(_ batches: [String], _ proxy: DMatrixHandle?) {
    self.batches = batches
    self.proxy = proxy
  }

  static func of(_ handle: DataIterHandle?) -> BatchIterator? {
    handle.map { Unmanaged<BatchIterator>.fromOpaque($0).takeUnretainedValue() }
  }

  func reset() { place = 0 }

  /// 1 when the proxy holds the next batch, 0 after the last one.
  func next() -> Int32 {
    guard place < batches.count else { return 0 }
    let status = XGProxyDMatrixSetDataDense(proxy, batches[place])
    place += 1
    return status == 0 ? 1 : 0
  }
}
