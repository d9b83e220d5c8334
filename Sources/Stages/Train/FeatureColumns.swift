import Frames
import Learning

extension Frame {
  /// The named columns as numbers for a model.
  func matrix(of names: [String]) throws -> FeatureMatrix {
    try FeatureMatrix(names: names, columns: names.compactMap { self[$0]?.floats })
  }
}

extension Column {
  /// The values as 32-bit floats, NaN for null; true is 1.
  var floats: [Float] {
    var floats: [Float]
    switch values {
    case .bool(let values): floats = values.map { $0 ? 1 : 0 }
    case .int64(let values):
      let unit = 1 / scaleFactor
      floats = values.map { Float(Double($0) * unit) }
    case .int128(let values):
      let unit = 1 / scaleFactor
      // Sums hardly ever need more than 64 bits, and those are converted much faster.
      floats = values.map { value in
        Float((Int64(exactly: value).map { Double($0) } ?? Double(value)) * unit)
      }
    case .float64(let values): floats = values.map { Float($0) }
    case .text, .interval: floats = Array(repeating: .nan, count: count)
    }
    if let validity {
      for row in floats.indices where !validity[row] { floats[row] = .nan }
    }
    return floats
  }

  /// What a scaled integer has to be divided by.
  private var scaleFactor: Double {
    guard case .numeric(_, let scale) = type else { return 1 }
    return (0..<scale).reduce(1.0) { factor, _ in factor * 10 }
  }
}
