import Frames
import Relations

extension Column {
  /// The sum of the values that are not null.
  public var total: ColumnTotal {
    var scale = 0
    if case .numeric(_, let digits) = type { scale = digits }
    switch values {
    case .int64(let values): return sum(of: values, scale)
    case .int128(let values): return sum(of: values, scale)
    case .float64(let values):
      return .rounded(values.indices.reduce(0.0) { isNull($1) ? $0 : $0 + values[$1] })
    case .bool, .text, .interval: return .rounded(.nan)
    }
  }

  private func sum<Value: FixedWidthInteger>(of values: [Value], _ scale: Int) -> ColumnTotal {
    var sum: Int128 = 0
    var rounded = 0.0
    var fits = true
    for (row, value) in values.enumerated() where !isNull(row) {
      let (next, overflow) = sum.addingReportingOverflow(Int128(value))
      sum = next
      rounded += Double(value)
      if overflow { fits = false }
    }
    return fits
      ? .exact(sum, scale: scale)
      : .rounded((0..<scale).reduce(rounded) { value, _ in value / 10 })
  }
}
