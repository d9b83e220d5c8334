import Frames

/// `sum` and `avg` of integers and numerics, exact in 128 bits.
struct ExactSumState: AggregateState {
  private var sums: [Int128]
  private var counts: [Int64]
  /// The groups whose sum no longer fits; hardly ever one.
  private var overflowed: Set<Int> = []
  /// For a mean, the scale of the values.
  private let meanScale: Int?

  /// Values of 64 bits: fewer than 2^63 of them cannot overflow.
  init(_ values: [Int64], _ groups: [Int32], _ groupCount: Int, meanScale: Int?) {
    var sums = [Int128](repeating: 0, count: groupCount)
    var counts = [Int64](repeating: 0, count: groupCount)
    for (row, group) in groups.enumerated() where group >= 0 {
      sums[Int(group)] &+= Int128(values[row])
      counts[Int(group)] &+= 1
    }
    self.sums = sums
    self.counts = counts
    self.meanScale = meanScale
  }

  init(_ values: [Int128], _ groups: [Int32], _ groupCount: Int, meanScale: Int?) {
    sums = Array(repeating: 0, count: groupCount)
    counts = Array(repeating: 0, count: groupCount)
    self.meanScale = meanScale
    for (row, group) in groups.enumerated() where group >= 0 {
      add(values[row], 1, to: Int(group))
    }
  }

  private mutating func add(_ value: Int128, _ count: Int64, to group: Int) {
    let (sum, overflow) = sums[group].addingReportingOverflow(value)
    sums[group] = sum
    counts[group] &+= count
    if overflow { overflowed.insert(group) }
  }

  mutating func merge(_ source: Int, into target: Int) {
    add(sums[source], counts[source], to: target)
    if overflowed.contains(source) { overflowed.insert(target) }
  }

  func column(of indices: [Int], _ type: ColumnType) -> (column: Column, failed: Int?) {
    let validity = indices.map { counts[$0] > 0 }
    if let meanScale {
      let means = indices.map {
        counts[$0] == 0 ? 0 : Decimal.double(sums[$0], scale: meanScale) / Double(counts[$0])
      }
      return (
        Column(type: type, values: .float64(means), validity: validity),
        failed(indices) { _ in true }
      )
    }
    if type.storage == .int64 {
      let column = Column(
        type: type, values: .int64(indices.map { Int64(truncatingIfNeeded: sums[$0]) }),
        validity: validity)
      return (column, failed(indices) { Int64(exactly: $0) != nil })
    }
    let limit = Decimal.powers[ColumnType.maximumPrecision]
    let column = Column(
      type: type, values: .int128(indices.map { sums[$0] }), validity: validity)
    return (column, failed(indices) { $0 < limit && $0 > -limit })
  }

  private func failed(_ indices: [Int], fits: (Int128) -> Bool) -> Int? {
    indices.firstIndex { overflowed.contains($0) || !fits(sums[$0]) }
  }
}

/// `sum` and `avg` of floating point, added up in double precision in the order of the rows.
struct FloatSumState: AggregateState {
  private var sums: [Double]
  private var counts: [Int64]
  /// Whether a value was infinite or NaN itself, so that the sum may be.
  private var isSpecial: [Bool]
  private let isMean: Bool

  init(_ values: [Double], _ groups: [Int32], _ groupCount: Int, isMean: Bool) {
    var sums = [Double](repeating: 0, count: groupCount)
    var counts = [Int64](repeating: 0, count: groupCount)
    var isSpecial = [Bool](repeating: false, count: groupCount)
    for (row, group) in groups.enumerated() where group >= 0 {
      sums[Int(group)] += values[row]
      counts[Int(group)] &+= 1
      if !values[row].isFinite { isSpecial[Int(group)] = true }
    }
    self.sums = sums
    self.counts = counts
    self.isSpecial = isSpecial
    self.isMean = isMean
  }

  mutating func merge(_ source: Int, into target: Int) {
    sums[target] += sums[source]
    counts[target] &+= counts[source]
    if isSpecial[source] { isSpecial[target] = true }
  }

  func column(of indices: [Int], _ type: ColumnType) -> (column: Column, failed: Int?) {
    let values = indices.map { group -> Double in
      let value = isMean ? sums[group] / Double(max(1, counts[group])) : sums[group]
      return type == .float4 ? Double(Float(value)) : value
    }
    let failed = indices.indices.first { !values[$0].isFinite && !isSpecial[indices[$0]] }
    let column = Column(
      type: type, values: .float64(values), validity: indices.map { counts[$0] > 0 })
    return (column, failed)
  }
}
