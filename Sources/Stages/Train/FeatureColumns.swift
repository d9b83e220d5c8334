import Frames
import Learning

extension Frame {
  /// The named columns as numbers for a model.
  /// - Parameter rows: the rows that are wanted, in this order; nil for all.
  func matrix(of names: [String], rows: [Int32]? = nil) throws -> FeatureMatrix {
    let rows = rows ?? Array(0..<Int32(rowCount))
    return try FeatureMatrix(names: names, columns: names.map { try column($0).floats(of: rows) })
  }
}

extension Frame {
  /// The named columns as numbers for a model, texts among them as an encoding says.
  func matrix(of names: [String], _ categories: CategoryEncoding) throws -> FeatureMatrix {
    try categories.matrix(
      matrix(of: names.filter { !categories.names.contains($0) }),
      categories.names.map { try column($0).texts(of: Array(0..<Int32(rowCount))) })
  }
}

extension Column {
  /// The values of some rows of a text column, nil for null.
  func texts(of rows: [Int32]) -> [String?] {
    guard case .text(let codes, let dictionary) = values else { return rows.map { _ in nil } }
    return rows.map { isNull(Int($0)) ? nil : dictionary[codes[Int($0)]] }
  }

  /// The values as 32-bit floats, NaN for null; true is 1.
  var floats: [Float] { floats(of: Array(0..<Int32(count))) }

  /// The values of some rows as 32-bit floats, NaN for null; true is 1.
  func floats(of rows: [Int32]) -> [Float] {
    var floats: [Float]
    switch values {
    case .bool(let values): floats = rows.map { values[Int($0)] ? 1 : 0 }
    case .int64(let values):
      let unit = 1 / scaleFactor
      floats = rows.map { Float(Double(values[Int($0)]) * unit) }
    case .int128(let values):
      let unit = 1 / scaleFactor
      // Sums hardly ever need more than 64 bits, and those are converted much faster.
      floats = rows.map { row in
        let value = values[Int(row)]
        return Float((Int64(exactly: value).map { Double($0) } ?? Double(value)) * unit)
      }
    case .float64(let values): floats = rows.map { Float(values[Int($0)]) }
    case .text, .interval: floats = Array(repeating: .nan, count: rows.count)
    }
    if let validity {
      for (place, row) in rows.enumerated() where !validity[Int(row)] { floats[place] = .nan }
    }
    return floats
  }

  /// What a scaled integer has to be divided by.
  private var scaleFactor: Double {
    guard case .numeric(_, let scale) = type else { return 1 }
    return (0..<scale).reduce(1.0) { factor, _ in factor * 10 }
  }
}
