import CLinear

/// Settings of a logistic regression with an L2 penalty (liblinear, `L2R_LR`). Of liblinear's two solvers
/// for it this is the primal one: with many more rows than features it is the faster, it gets as near to
/// the one best solution as `tolerance` says, and it draws no random numbers; the dual one shuffles the
/// rows with the process-wide `rand()`.
public struct LogisticRegression: Learner, Hashable {
  public static let name = "logistic_regression"
  public static let about =
    "A sum of features, each times a coefficient (liblinear): few rows suffice, and the whole model can be read."
  public static let usesChance = false
  public static var unavailable: String? { linear_unavailable().map { String(cString: $0) } }

  public static let settings: [Setting<Self>] = [
    Setting(
      "cost",
      "How much rows count beside the L2 penalty on coefficients of the scaled features; less makes them smaller.",
      .number(\.cost, .above(0, atMost: 1000))),
    Setting(
      "tolerance",
      "How much of the slope at the start may be left at the end, less where a class is rare.",
      .number(\.tolerance, .above(0, atMost: 0.1))),
  ]

  public var cost = 1.0
  public var tolerance = 0.0001
  public var seed: UInt32 = 1
  /// How many values of rows are held at once, sixteen bytes each; of more rows every second, third, …
  /// of each class is learnt from.
  var mostValues = 1 << 26

  public init() {}

  public func train(
    _ data: TrainingSet, onProgress: LearningProgress?
  ) async throws -> LinearModel {
    try checkSettings()
    guard data.weights == nil else { throw LearningError.noWeights(learner: Self.name) }
    let tolerances = self.tolerances
    return try await onLearningThread(named: "training") { cancellation in
      let rows = LearntRows(data, mostValues: mostValues)
      let scaling = FeatureScaling(rows)
      let problem = LinearProblem(rows, scaling)
      var weights = [Double](repeating: 0, count: problem.width)
      // From coarse to fine, each step from where the one before it ended: liblinear itself neither says
      // how far it is nor ends before it is done.
      for (step, tolerance) in tolerances.enumerated() {
        try cancellation.check()
        try problem.improve(&weights, cost: cost, tolerance: tolerance)
        onProgress?(step + 1, tolerances.count)
      }
      return LinearModel(scaling, weights: weights, rows: rows)
    }
  }

  /// Tenths, hundredths, … down to the one that is asked for.
  private var tolerances: [Double] {
    var tolerances: [Double] = []
    var next = 0.1
    while next > tolerance * 1.5 {
      tolerances.append(next)
      next /= 10
    }
    return tolerances + [tolerance]
  }
}
