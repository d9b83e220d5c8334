extension Frame {
  /// Whether two frames hold the same columns with the same bits, row by row. What stands in place of
  /// a null counts, and so do texts that occur in no row; of frames in order (`ordered(by:)`) neither
  /// differs where the values do not.
  public func isIdentical(to other: Frame) -> Bool {
    rowCount == other.rowCount && schema.names == other.schema.names
      && zip(columns, other.columns).allSatisfy { $0.isIdentical(to: $1) }
  }
}

extension Column {
  /// Whether two columns hold the same type and the same bits.
  public func isIdentical(to other: Column) -> Bool {
    type == other.type && validity == other.validity && values.isIdentical(to: other.values)
  }
}

extension ColumnValues {
  fileprivate func isIdentical(to other: ColumnValues) -> Bool {
    switch (self, other) {
    case (.bool(let a), .bool(let b)): a == b
    case (.int64(let a), .int64(let b)): a == b
    case (.int128(let a), .int128(let b)): a == b
    // By bits, for a NaN equals no NaN.
    case (.float64(let a), .float64(let b)):
      a.count == b.count && zip(a, b).allSatisfy { $0.bitPattern == $1.bitPattern }
    case (.text(let a, let texts), .text(let b, let others)):
      a == b && texts.offsets == others.offsets && texts.bytes == others.bytes
    case (.interval(let a), .interval(let b)): a == b
    default: false
    }
  }
}
