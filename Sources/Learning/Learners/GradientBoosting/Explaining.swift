import Foundation
import TreeExplanations

extension TrainedTrees {
  /// How much each feature adds to the margin of each row: exact SHAP values (TreeSHAP,
  /// path-dependent; Lundberg et al. 2020, "From local explanations to global understanding with
  /// explainable AI for trees"). A row's contributions and the bias sum to its margin.
  ///
  /// Costs some microseconds of processor time a row.
  /// - Throws: `LearningError.featuresDiffer`, `.infiniteValues`, `.damagedModel`, `.library`;
  ///   `CancellationError`.
  public func contributions(
    _ features: FeatureMatrix, onProgress: LearningProgress?
  ) async throws -> Contributions {
    try await contributions(features, threads: Self.threads, onProgress: onProgress)
  }

  func contributions(
    _ features: FeatureMatrix, threads: Int, onProgress: LearningProgress? = nil
  ) async throws -> Contributions {
    try checkFeatures(features.names, equal: featureNames)
    try features.checkNoInfinity()
    let explainer: TreeExplainer
    do {
      explainer = try await self.explainer()
    } catch TreeEnsembleError.unsupported {
      return try await libraryContributions(features, threads: threads, onProgress: onProgress)
    } catch let error as TreeEnsembleError {
      throw LearningError.damagedModel("\(error)")
    }
    let values = try await withXGBoost(named: "explaining") { cancellation in
      try explainer.contributions(features, threads: threads) { done in
        onProgress?(done, features.rowCount)
        try cancellation.check()
      }
    }
    return Contributions(featureNames: featureNames, values: values)
  }

  /// - Throws: `TreeEnsembleError` where the trees are of a kind that only the library explains.
  func explainer() async throws -> TreeExplainer {
    let json = try await withXGBoost(named: "reading a model") { _ in
      Data(try Booster.loading(serialized, threads: 1).serialized(as: .json))
    }
    let explainer = try TreeExplainer(TreeEnsemble(xgboostJSON: json))
    guard explainer.featureCount == featureNames.count else {
      throw TreeEnsembleError.malformed("it names other features than it splits on")
    }
    return explainer
  }

  /// The same by the library: about a millisecond of processor time a row.
  func libraryContributions(
    _ features: FeatureMatrix, threads: Int, onProgress: LearningProgress? = nil
  ) async throws -> Contributions {
    let values = try await predict(
      .contributions, features, width: featureNames.count + 1, blockRows: 4096, threads: threads,
      onProgress: onProgress)
    return Contributions(featureNames: featureNames, values: values)
  }
}

extension TreeExplainer {
  /// Bounds the wait for a cancellation.
  private static let rowsAtOnce = 32_768

  fileprivate func contributions(
    _ features: FeatureMatrix, threads: Int, onProgress: (Int) throws -> Void
  ) throws -> [Float] {
    let width = featureCount + 1
    return try [Float](unsafeUninitializedCapacity: features.rowCount * width) { result, count in
      result.initialize(repeating: 0)
      count = result.count
      try features.values.withUnsafeBufferPointer { values in
        for start in stride(from: 0, to: features.rowCount, by: Self.rowsAtOnce) {
          let end = min(start + Self.rowsAtOnce, features.rowCount)
          explain(
            UnsafeBufferPointer(rebasing: values[start * featureCount..<end * featureCount]),
            rowCount: end - start,
            into: UnsafeMutableBufferPointer(rebasing: result[start * width..<end * width]),
            threads: threads)
          try onProgress(end)
        }
      }
    }
  }
}
