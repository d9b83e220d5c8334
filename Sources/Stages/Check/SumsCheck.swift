import Diagnostics
import Expressions
import Frames
import PipelineFiles

/// The sum of a column is that of another stage's column, but for a share of that.
struct SumsCheck: DataCheck {
  let column: String
  let other: StageColumn
  let within: Share

  init?(_ sums: CheckExpectation.SumsAgree, _ shape: RelationShape, _ context: PlanContext) {
    guard let field = context.field(sums.column, in: shape.schema, of: "the input"),
      let found = context.field(of: sums.with)
    else { return nil }
    for (field, name) in [(field, sums.column), (found, sums.with.column)]
    where !field.type.isNumber {
      context.report.error(
        .wrongType, "'\(field.name)' is of type \(field.type.sqlName), not a number",
        at: name.span, help: "name a column of numbers")
    }
    guard field.type.isNumber, found.type.isNumber else { return nil }
    column = field.name
    other = StageColumn(sums.with.stage.text, found.name)
    within = sums.within
  }

  func violation(in data: CheckedData) -> Violation? {
    guard let own = data.rows[column]?.total,
      let others = data.others[other.stage]?[other.column]?.total
    else { return nil }
    let apart = own.distance(to: others)
    guard !(apart <= within.fraction * abs(others.double)) else { return nil }
    let share = apart / abs(others.double)
    let found =
      share.isFinite
      ? "they lie \(Share.percent(share)) apart" : "they cannot be compared as a share"
    return Violation(
      message:
        "expected the sum of \(column) to be that of \(other) within \(within), but \(found)",
      help: "find out which side lacks rows or has some twice, or allow more")
  }
}

extension Share {
  /// A share of any size in percent, with two digits that say something.
  fileprivate static func percent(_ fraction: Double) -> String {
    let percent = fraction * 100
    if percent >= 10 {
      return percent < 1e6 ? "\(Int(percent.rounded()))%" : "more than a million %"
    }
    if percent < 0.001 { return "less than 0.001%" }
    return "\((percent * 1000).rounded() / 1000)%"
  }
}

/// The sum of a column's values, exact where they are.
private enum Total {
  case exact(Int128, scale: Int)
  case rounded(Double)

  var double: Double {
    switch self {
    case .exact(let value, let scale): Double(value) / Self.power(scale)
    case .rounded(let value): value
    }
  }

  /// How far two sums lie apart; 0 only where they are equal, or as good as equal where rounded.
  func distance(to other: Total) -> Double {
    if case .exact(let own, let scale) = self, case .exact(let value, let otherScale) = other {
      let common = max(scale, otherScale)
      let (a, overflowA) = own.multipliedReportingOverflow(by: Self.integer(common - scale))
      let (b, overflowB) = value.multipliedReportingOverflow(by: Self.integer(common - otherScale))
      let (difference, overflow) = a.subtractingReportingOverflow(b)
      if !overflowA, !overflowB, !overflow { return abs(Double(difference)) / Self.power(common) }
    }
    let distance = abs(double - other.double)
    // Sums of doubles depend on the order of the rows in their last digits.
    return distance <= 1e-9 * max(abs(double), abs(other.double)) ? 0 : distance
  }

  private static func power(_ scale: Int) -> Double {
    (0..<max(0, scale)).reduce(1.0) { product, _ in product * 10 }
  }

  private static func integer(_ scale: Int) -> Int128 {
    (0..<scale).reduce(Int128(1)) { product, _ in product &* 10 }
  }
}

extension Column {
  /// The sum of the values that are not null.
  fileprivate var total: Total {
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

  private func sum<Value: FixedWidthInteger>(of values: [Value], _ scale: Int) -> Total {
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
