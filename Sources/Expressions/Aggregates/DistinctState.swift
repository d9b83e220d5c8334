import Frames

/// `count(distinct x)` of integers that lie close together, such as categories: a bit of each group for
/// each value.
struct DistinctState: BlockwiseState {
  private static let width = Int64(UInt64.bitWidth)

  private var bits: [UInt64]
  /// The value of the lowest bit; nil before the first row.
  private var least: Int64?

  init(groupCount: Int) { bits = Array(repeating: 0, count: groupCount) }

  /// False for values that lie too far apart.
  mutating func add(_ values: Column?, _ groups: [Int32]) -> Bool {
    guard case .int64(let values)? = values?.values else { return false }
    var (lowest, highest) = (Int64.max, Int64.min)
    for (row, group) in groups.enumerated() where group >= 0 {
      lowest = min(lowest, values[row])
      highest = max(highest, values[row])
    }
    guard lowest <= highest else { return true }
    let start = min(lowest, least ?? lowest)
    // Bits that are taken already stay in sight too.
    let end = max(highest, least ?? highest)
    let (distance, isFar) = end.subtractingReportingOverflow(start)
    guard !isFar, distance < Self.width, shift(to: start) else { return false }
    bits.withUnsafeMutableBufferPointer { bits in
      values.withUnsafeBufferPointer { values in
        for (row, group) in groups.enumerated() where group >= 0 {
          bits[Int(group)] |= 1 << UInt64(truncatingIfNeeded: values[row] &- start)
        }
      }
    }
    return true
  }

  /// Makes room for lower values; false where that would push greater ones out.
  private mutating func shift(to start: Int64) -> Bool {
    defer { least = start }
    guard let least, least > start else { return true }
    let distance = least - start
    guard bits.allSatisfy({ Int64($0.leadingZeroBitCount) >= distance }) else { return false }
    for group in bits.indices { bits[group] <<= UInt64(distance) }
    return true
  }

  mutating func merge(_ source: Int, into target: Int) { bits[target] |= bits[source] }

  func column(of indices: [Int], _ type: ColumnType) -> (column: Column, failed: Int?) {
    (Column(type: type, values: .int64(indices.map { Int64(bits[$0].nonzeroBitCount) })), nil)
  }
}
