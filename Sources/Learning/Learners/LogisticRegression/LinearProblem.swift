import CLinear

extension LearningLibrary {
  static let liblinear = Self(name: "liblinear", package: "liblinear4")
}

/// Scaled rows with their labels as liblinear reads them: for each row its numbers that are not 0, the
/// intercept's 1, and an end.
final class LinearProblem {
  /// Numbers of a row, the intercept's last.
  let width: Int
  private let count: Int
  private let nodes: UnsafeMutableBufferPointer<linear_node>
  private let rows: UnsafeMutableBufferPointer<UnsafeMutablePointer<linear_node>?>
  private let labels: UnsafeMutableBufferPointer<Double>

  init(_ learnt: LearntRows, _ scaling: FeatureScaling) {
    let width = scaling.width + 1
    let nodes = UnsafeMutableBufferPointer<linear_node>.allocate(
      capacity: learnt.count * (width + 1))
    let rows = UnsafeMutableBufferPointer<UnsafeMutablePointer<linear_node>?>.allocate(
      capacity: learnt.count)
    let labels = UnsafeMutableBufferPointer<Double>.allocate(capacity: learnt.count)
    var row = 0
    var end = 0
    learnt.visit { values, label in
      rows.initializeElement(at: row, to: nodes.baseAddress.map { $0 + end })
      labels.initializeElement(at: row, to: label ? 1 : -1)
      row += 1
      var index: Int32 = 0
      func add(_ value: Double) {
        index += 1
        guard value != 0 else { return }
        nodes.initializeElement(at: end, to: linear_node(index: index, value: value))
        end += 1
      }
      for (feature, value) in zip(scaling.features, values) {
        if feature.hasValues {
          add(value.isNaN ? 0 : (Double(value) - feature.mean) / feature.deviation)
        }
        if feature.hasMissing {
          add(((value.isNaN ? 1 : 0) - feature.missing) / feature.missingDeviation)
        }
      }
      add(1)
      nodes.initializeElement(at: end, to: linear_node(index: -1, value: 0))
      end += 1
    }
    self.width = width
    self.count = learnt.count
    self.nodes = nodes
    self.rows = rows
    self.labels = labels
  }

  deinit {
    nodes.deallocate()
    rows.deallocate()
    labels.deallocate()
  }

  /// Goes on from some weights until the slope is as small as the tolerance says.
  /// - Throws: `LearningError.library`.
  func improve(_ weights: inout [Double], cost: Double, tolerance: Double) throws {
    if let refusal = linear_fit_logistic(
      rows.baseAddress, labels.baseAddress, Int32(count), Int32(width), cost, tolerance, &weights)
    {
      throw LearningError.library(
        .liblinear, function: "train", reason: String(cString: refusal))
    }
    guard weights.allSatisfy(\.isFinite) else {
      throw LearningError.library(
        .liblinear, function: "train", reason: "its coefficients are not finite")
    }
  }
}
