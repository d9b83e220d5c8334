extension Column {
  /// The column with the values beyond two quantiles replaced by these. A quantile is a value of the
  /// column, the first whose cumulative share reaches the fraction (`percentile_disc`), so that numbers
  /// stay exact. Nulls have no place in the order and stay.
  ///
  /// - Parameters:
  ///   - lower: the fraction of the lower quantile, from 0 to 1.
  ///   - upper: that of the upper one.
  ///   - counted: the rows whose values decide on the quantiles; nil for all.
  /// - Returns: the column, and how many of the counted rows it changed.
  public func clipped(
    from lower: Double, to upper: Double, of counted: [Bool]? = nil
  ) -> (column: Column, changed: Int) {
    switch SortKeys(self) {
    case .narrow(let keys):
      clipped(keys, lower, upper, counted) { OrderStatistics.value(at: $0, of: $1) }
    case .wide(let keys): clipped(keys, lower, upper, counted) { $1.sorted()[$0] }
    }
  }

  private func clipped<Key: FixedWidthInteger>(
    _ keys: [Key], _ lower: Double, _ upper: Double, _ counted: [Bool]?,
    valueAt: (Int, [Key]) -> Key
  ) -> (column: Column, changed: Int) {
    func counts(_ row: Int) -> Bool { !isNull(row) && counted?[row] != false }
    let known =
      validity == nil && counted == nil ? keys : keys.indices.filter(counts).map { keys[$0] }
    guard !known.isEmpty else { return (self, 0) }
    func row(_ fraction: Double) -> Int32 {
      let place = max(0, Int((fraction * Double(known.count)).rounded(.up)) - 1)
      let key = valueAt(min(place, known.count - 1), known)
      return Int32(keys.indices.first { keys[$0] == key && counts($0) } ?? 0)
    }
    let (low, high) = (row(lower), row(upper))
    let (least, greatest) = (keys[Int(low)], keys[Int(high)])
    var changed = 0
    let rows = keys.indices.map { row -> Int32 in
      let key = keys[row]
      guard key < least || key > greatest, !isNull(row) else { return Int32(row) }
      if counted?[row] != false { changed += 1 }
      return key < least ? low : high
    }
    return (taking(rows), changed)
  }
}
