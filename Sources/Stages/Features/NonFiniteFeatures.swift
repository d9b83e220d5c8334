import Frames

extension Frame {
  /// The columns with values that are NaN or infinite, and how many.
  var nonFinite: [(name: String, count: Int)] {
    zip(schema.names, columns).compactMap { name, column in
      guard case .float64(let values) = column.values else { return nil }
      let count = values.indices.count { !values[$0].isFinite && !column.isNull($0) }
      return count > 0 ? (name, count) : nil
    }
  }
}
