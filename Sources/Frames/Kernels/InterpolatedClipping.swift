extension Column {
  /// The column with the values beyond two quantiles replaced by these, where a quantile may lie between
  /// two values of the column (`percentile_cont`), rounded to the column's type. Nulls have no place in
  /// the order and stay.
  ///
  /// - Parameters:
  ///   - lower: the fraction of the lower quantile, from 0 to 1.
  ///   - upper: that of the upper one.
  ///   - counted: the rows whose values decide on the quantiles; nil for all.
  /// - Returns: the column, and how many of the counted rows it changed.
  public func clipped(
    between lower: Double, and upper: Double, of counted: [Bool]? = nil
  ) -> (column: Column, changed: Int) {
    func counts(_ row: Int) -> Bool { !isNull(row) && counted?[row] != false }
    switch values {
    case .int64(let values):
      let known = values.indices.filter(counts).map { values[$0] }
      guard !known.isEmpty else { return (self, 0) }
      func value(_ place: Int) -> Int64 { OrderStatistics.value(at: place, of: known) }
      func bound(_ fraction: Double) -> Int64 {
        let (low, high, share) = Self.neighbours(fraction, known.count, value)
        // Infinities of times are no numbers.
        if low == high || low == .min || high == .max { return share < 0.5 ? low : high }
        let distance = Double(Int128(high) - Int128(low)) * share
        // Sums of doubles this small are exact enough to be rounded as decimals are.
        let isSmall = low.magnitude < 1 << 52 && high.magnitude < 1 << 52
        return isSmall
          ? Int64((Double(low) + distance).rounded())
          : Int64(min(Int128(high), Int128(low) + Int128(distance.rounded())))
      }
      let (clipped, changed) = clipped(values, bound(lower), bound(upper), counts, <)
      return (Column(type: type, values: .int64(clipped), validity: validity), changed)
    case .int128(let values):
      let known = values.indices.filter(counts).map { values[$0] }.sorted()
      guard !known.isEmpty else { return (self, 0) }
      func bound(_ fraction: Double) -> Int128 {
        let (low, high, share) = Self.neighbours(fraction, known.count) { known[$0] }
        if low == high { return low }
        let (gap, isWide) = high.subtractingReportingOverflow(low)
        guard !isWide else {
          let bound = Double(low) * (1 - share) + Double(high) * share
          return min(high, max(low, Int128(bound.rounded())))
        }
        return min(high, low + Int128((Double(gap) * share).rounded()))
      }
      let (clipped, changed) = clipped(values, bound(lower), bound(upper), counts, <)
      return (Column(type: type, values: .int128(clipped), validity: validity), changed)
    case .float64(let values):
      let keys = values.indices.filter(counts).map { SortKeys.ordered(values[$0]) }
      guard !keys.isEmpty else { return (self, 0) }
      func value(_ place: Int) -> Double {
        let key = OrderStatistics.value(at: place, of: keys)
        return key == .max
          ? .nan : Double(bitPattern: UInt64(bitPattern: key >= 0 ? key : key ^ .max))
      }
      func bound(_ fraction: Double) -> Double {
        let (low, high, share) = Self.neighbours(fraction, keys.count, value)
        if low == high || share == 0 { return low }
        // Between an infinity and a number lies none; NaN would swallow every value.
        guard low.isFinite, high.isFinite else { return share < 0.5 ? low : high }
        let bound = low + share * (high - low)
        return type == .float4 ? Double(Float(bound)) : bound
      }
      let (clipped, changed) = clipped(values, bound(lower), bound(upper), counts) {
        SortKeys.ordered($0) < SortKeys.ordered($1)
      }
      return (Column(type: type, values: .float64(clipped), validity: validity), changed)
    case .bool, .text, .interval: return (self, 0)
    }
  }

  /// The values around the place of a fraction, and how far it lies between them.
  private static func neighbours<Value>(
    _ fraction: Double, _ count: Int, _ value: (Int) -> Value
  ) -> (low: Value, high: Value, share: Double) {
    let place = fraction * Double(count - 1)
    let (low, high) = (Int(place.rounded(.down)), Int(place.rounded(.up)))
    return (value(low), value(high), place - place.rounded(.down))
  }

  private func clipped<Value>(
    _ values: [Value], _ least: Value, _ greatest: Value, _ counts: (Int) -> Bool,
    _ isLess: (Value, Value) -> Bool
  ) -> (values: [Value], changed: Int) {
    var clipped = values
    var changed = 0
    for row in values.indices where !isNull(row) {
      let isBelow = isLess(values[row], least)
      guard isBelow || isLess(greatest, values[row]) else { continue }
      clipped[row] = isBelow ? least : greatest
      if counts(row) { changed += 1 }
    }
    return (clipped, changed)
  }
}
