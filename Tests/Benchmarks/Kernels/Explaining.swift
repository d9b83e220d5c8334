import Foundation
import TreeExplanations

/// Rows explained by each kernel that the processor has; beside it the library's own.
func explanationTable() throws -> Figures {
  let rows = 20_000
  let features = 47
  var numbers = Numbers(seed: 4)
  let values = (0..<rows * features).map { _ in
    numbers.share() < 0.1 ? Float.nan : Float(numbers.share())
  }
  let labels = (0..<rows).map { row -> Float in
    let (a, b) = (values[row * features], values[row * features + 1])
    return (a.isNaN ? 0.5 : a) * (b.isNaN ? 0.5 : b) + Float(numbers.share()) * 0.3 > 0.4 ? 1 : 0
  }
  let model = try LibraryModel(values, features: features, labels: labels, rounds: 200, depth: 6)
  // The library takes long: fewer rows for it.
  let few = 1000
  var expected: [Float] = []
  let library = try fastest(of: 3) {
    expected = try model.contributions(values, rows: few, features: features)
  }
  let perRow = library / Double(few)

  var figures = Figures(
    title: "Explaining",
    meaning: "Microseconds of one core for a row's exact SHAP values: 200 trees of depth 6 on 47 "
      + "features, a tenth of the values missing.",
    header: ["kernel", "µs a row", "times as fast as the library", "greatest difference"])
  figures.rows.append(["XGBoost's own", text(perRow * 1e6), "1.00", ""])
  let ensemble = try TreeEnsemble(xgboostJSON: model.json)
  for kernel in TreeExplainer.Kernel.available {
    let explainer = try TreeExplainer(ensemble, kernel: kernel)
    var result = [Float](repeating: 0, count: rows * (features + 1))
    let seconds =
      fastest(of: 3) {
        explain(values, rows: rows, by: explainer, into: &result)
      } / Double(rows)
    figures.rows.append([
      kernel.rawValue, text(seconds * 1e6), text(perRow / seconds),
      String(format: "%.1e", difference(result.prefix(expected.count), expected)),
    ])
  }
  return figures
}

/// Explains the rows that another program explained by the same model, and compares.
/// - Throws: where a value differs by more than 1e-4, which single precision allows for.
func compareExplanations(folder: String) throws {
  let folder = URL(fileURLWithPath: folder)
  let ensemble = try TreeEnsemble(
    xgboostJSON: Data(contentsOf: folder.appendingPathComponent("model.json")))
  let features = ensemble.featureCount
  let values = try floats(folder.appendingPathComponent("rows.f32"))
  let theirs = try floats(folder.appendingPathComponent("contributions.f32"))
  let rows = values.count / features
  guard rows > 0, values.count == rows * features, theirs.count == values.count else {
    throw Failure("the files hold other rows than the model takes")
  }
  let explainer = try TreeExplainer(ensemble)
  var result = [Float](repeating: 0, count: rows * (features + 1))
  let seconds = fastest(of: 1) { explain(values, rows: rows, by: explainer, into: &result) }
  // The last of each row is the bias, which the other program does not hand over.
  let ours = (0..<rows).flatMap { result[$0 * (features + 1)..<$0 * (features + 1) + features] }
  let greatest = difference(ours[...], theirs)
  print(rows, text(seconds / Double(rows) * 1e6), String(format: "%.1e", greatest))
  guard greatest <= 1e-4 else {
    throw Failure("the explanations of equal rows by one model differ by \(greatest)")
  }
}

/// On one thread.
private func explain(
  _ values: [Float], rows: Int, by explainer: TreeExplainer, into result: inout [Float]
) {
  values.withUnsafeBufferPointer { values in
    result.withUnsafeMutableBufferPointer { result in
      explainer.explain(values, rowCount: rows, into: result, threads: 1)
    }
  }
}

private func difference(_ ours: ArraySlice<Float>, _ theirs: [Float]) -> Float {
  zip(ours, theirs).reduce(0) {
    $1.0.isFinite && $1.1.isFinite ? max($0, abs($1.0 - $1.1)) : .infinity
  }
}

private func floats(_ file: URL) throws -> [Float] {
  try Data(contentsOf: file).withUnsafeBytes { Array($0.bindMemory(to: Float.self)) }
}
