/// The rows of a training set that a linear model learns from: all, or evenly spaced ones of each class.
struct LearntRows {
  let data: TrainingSet
  /// 1 for all rows of a class, 2 for every second one, …
  let step: Int
  let count: Int

  init(_ data: TrainingSet, mostValues: Int) {
    self.data = data
    let values = data.rowCount * data.featureNames.count
    let step = max(1, (values + mostValues - 1) / mostValues)
    let positives = data.labels.count { $0 }
    self.step = step
    count = [positives, data.rowCount - positives].reduce(0) { $0 + ($1 + step - 1) / step }
  }

  /// Calls `body` with each row's values and its label, in the order of the parts.
  func visit(_ body: (_ values: UnsafeBufferPointer<Float>, _ label: Bool) -> Void) {
    let width = data.featureNames.count
    var place = 0
    var (positives, negatives) = (0, 0)
    for part in data.parts {
      part.values.withUnsafeBufferPointer { values in
        for row in 0..<part.rowCount {
          let label = data.labels[place]
          let before = label ? positives : negatives
          if label { positives += 1 } else { negatives += 1 }
          place += 1
          guard before % step == 0 else { continue }
          body(UnsafeBufferPointer(rebasing: values[row * width..<(row + 1) * width]), label)
        }
      }
    }
  }
}
