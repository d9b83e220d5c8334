import Frames

/// `sum` and `avg` of integers and numerics, exact in 128 bits.
struct ExactSumState: BlockwiseState {
  /// The sums, as long as none can be of more than 64 bits.
  private var narrow: [Int64]
  /// The sums from then on.
  private var wide: [Int128] = []
  /// What no sum so far can exceed, either way.
  private var bound: UInt64 = 0
  private var counts: [Int32]
  /// The groups whose sum no longer fits; hardly ever one.
  private var overflowed: Set<Int> = []
  /// For a mean, the scale of the values.
  private let meanScale: Int?

  init(groupCount: Int, meanScale: Int?) {
    narrow = Array(repeating: 0, count: groupCount)
    counts = Array(repeating: 0, count: groupCount)
    self.meanScale = meanScale
  }

  mutating func add(_ column: Column?, _ groups: [Int32]) -> Bool {
    switch column?.values {
    case .int64(let values)?: add(values, groups)
    case .int128(let values)?:
      widen()
      for (row, group) in groups.enumerated() where group >= 0 {
        add(values[row], 1, to: Int(group))
      }
    default: return false
    }
    return true
  }

  private mutating func add(_ values: [Int64], _ groups: [Int32]) {
    if wide.isEmpty, !staysNarrow(values, groups) { widen() }
    counts.withUnsafeMutableBufferPointer { counts in
      for group in groups where group >= 0 { counts[Int(group)] &+= 1 }
    }
    values.withUnsafeBufferPointer { values in
      if wide.isEmpty {
        narrow.withUnsafeMutableBufferPointer { sums in
          for (row, group) in groups.enumerated() where group >= 0 {
            sums[Int(group)] &+= values[row]
          }
        }
      } else {
        // Fewer than 2^63 values of 64 bits cannot overflow.
        wide.withUnsafeMutableBufferPointer { sums in
          for (row, group) in groups.enumerated() where group >= 0 {
            sums[Int(group)] &+= Int128(values[row])
          }
        }
      }
    }
  }

  /// Whether no sum can leave 64 bits, whatever groups are merged, when these values are added.
  private mutating func staysNarrow(_ values: [Int64], _ groups: [Int32]) -> Bool {
    var greatest: UInt64 = 0
    for (row, group) in groups.enumerated() where group >= 0 {
      greatest = max(greatest, values[row].magnitude)
    }
    let (added, isMuch) = greatest.multipliedReportingOverflow(by: UInt64(groups.count))
    let (sum, isMore) = bound.addingReportingOverflow(added)
    bound = sum
    return !isMuch && !isMore && sum <= UInt64(Int64.max)
  }

  private mutating func widen() {
    guard wide.isEmpty else { return }
    wide = narrow.map { Int128($0) }
    narrow = []
  }

  private mutating func add(_ value: Int128, _ count: Int32, to group: Int) {
    let (sum, overflow) = wide[group].addingReportingOverflow(value)
    wide[group] = sum
    counts[group] &+= count
    if overflow { overflowed.insert(group) }
  }

  mutating func merge(_ source: Int, into target: Int) {
    guard !wide.isEmpty else {
      // The bound is that of rows which count once; who merges them again and again may exceed it.
      let (sum, overflow) = narrow[target].addingReportingOverflow(narrow[source])
      if overflow {
        widen()
        merge(source, into: target)
      } else {
        narrow[target] = sum
        counts[target] &+= counts[source]
      }
      return
    }
    add(wide[source], counts[source], to: target)
    if overflowed.contains(source) { overflowed.insert(target) }
  }

  private func sum(_ group: Int) -> Int128 { wide.isEmpty ? Int128(narrow[group]) : wide[group] }

  func column(of indices: [Int], _ type: ColumnType) -> (column: Column, failed: Int?) {
    let validity = indices.map { counts[$0] > 0 }
    if let meanScale {
      let means = indices.map {
        counts[$0] == 0 ? 0 : Decimal.double(sum($0), scale: meanScale) / Double(counts[$0])
      }
      return (
        Column(type: type, values: .float64(means), validity: validity),
        failed(indices) { _ in true }
      )
    }
    if type.storage == .int64 {
      let column = Column(
        type: type, values: .int64(indices.map { Int64(truncatingIfNeeded: sum($0)) }),
        validity: validity)
      return (column, failed(indices) { Int64(exactly: $0) != nil })
    }
    let limit = Decimal.powers[ColumnType.maximumPrecision]
    let column = Column(
      type: type, values: .int128(indices.map(sum)), validity: validity)
    return (column, failed(indices) { $0 < limit && $0 > -limit })
  }

  private func failed(_ indices: [Int], fits: (Int128) -> Bool) -> Int? {
    // Sums of 64 bits fit whatever there is.
    if wide.isEmpty { return nil }
    return indices.firstIndex { overflowed.contains($0) || !fits(wide[$0]) }
  }
}

/// `sum` and `avg` of floating point, added up in double precision in the order of the rows.
struct FloatSumState: BlockwiseState {
  private var sums: [Double]
  private var counts: [Int32]
  /// Whether a value was infinite or NaN itself, so that the sum may be; empty where none was.
  private var isSpecial: [Bool] = []
  private let isMean: Bool

  init(groupCount: Int, isMean: Bool) {
    sums = Array(repeating: 0, count: groupCount)
    counts = Array(repeating: 0, count: groupCount)
    self.isMean = isMean
  }

  mutating func add(_ column: Column?, _ groups: [Int32]) -> Bool {
    guard case .float64(let values)? = column?.values else { return false }
    var isAnySpecial = false
    sums.withUnsafeMutableBufferPointer { sums in
      counts.withUnsafeMutableBufferPointer { counts in
        values.withUnsafeBufferPointer { values in
          for (row, group) in groups.enumerated() where group >= 0 {
            sums[Int(group)] += values[row]
            counts[Int(group)] &+= 1
            if !values[row].isFinite { isAnySpecial = true }
          }
        }
      }
    }
    guard isAnySpecial else { return true }
    if isSpecial.isEmpty { isSpecial = Array(repeating: false, count: sums.count) }
    for (row, group) in groups.enumerated() where group >= 0 && !values[row].isFinite {
      isSpecial[Int(group)] = true
    }
    return true
  }

  mutating func merge(_ source: Int, into target: Int) {
    sums[target] += sums[source]
    counts[target] &+= counts[source]
    if !isSpecial.isEmpty, isSpecial[source] { isSpecial[target] = true }
  }

  func column(of indices: [Int], _ type: ColumnType) -> (column: Column, failed: Int?) {
    let values = indices.map { group -> Double in
      let value = isMean ? sums[group] / Double(max(1, counts[group])) : sums[group]
      return type == .float4 ? Double(Float(value)) : value
    }
    let failed = indices.indices.first {
      !values[$0].isFinite && (isSpecial.isEmpty || !isSpecial[indices[$0]])
    }
    let column = Column(
      type: type, values: .float64(values), validity: indices.map { counts[$0] > 0 })
    return (column, failed)
  }
}
