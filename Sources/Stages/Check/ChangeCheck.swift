import Diagnostics
import Frames
import MemoryEngine
import PipelineFiles
import Relations

/// A number that says something of rows, and can be compared from run to run.
enum Measure: Hashable, Sendable {
  case rows
  case nulls(String)
  case sum(String)

  /// The name under which it is kept.
  var name: String {
    switch self {
    case .rows: "rows"
    case .nulls(let column): "nulls of \(column)"
    case .sum(let column): "sum of \(column)"
    }
  }

  /// The column that it is of; nil for rows.
  var column: String? {
    switch self {
    case .rows: nil
    case .nulls(let column), .sum(let column): column
    }
  }

  func value(in frame: Frame) throws -> Double {
    switch self {
    case .rows: Double(frame.rowCount)
    case .nulls(let column):
      Double(try frame.column(column).nullCount) / Double(max(1, frame.rowCount))
    case .sum(let column): try frame.column(column).total.double
    }
  }
}

/// A measure lies near the median of what the last published runs measured. Without such runs it holds.
struct ChangeCheck: DataCheck {
  let measure: Measure
  /// As a share of the median; of shares the difference itself.
  let within: Share
  let runs: Int

  /// The checks that a change consists of; none where something is wrong, which is reported.
  static func plan(
    _ change: Change, _ shape: RelationShape, _ context: PlanContext
  ) -> [any DataCheck] {
    var checks: [ChangeCheck] = []
    func add(_ measure: Measure, _ within: Share) {
      checks.append(ChangeCheck(measure: measure, within: within, runs: change.against.count))
    }
    if let rows = change.rows { add(.rows, rows) }
    for entry in change.nulls.entries
    where context.field(entry.name, in: shape.schema, of: "the input") != nil {
      add(.nulls(entry.name.text), entry.value)
    }
    for entry in change.sums.entries where canSum(entry.name, shape, context) {
      add(.sum(entry.name.text), entry.value)
    }
    if change.rows == nil, change.nulls.entries.isEmpty, change.sums.entries.isEmpty {
      context.report.error(
        .wrongValue, "nothing is compared with the last runs", at: context.stage.span,
        help: "say what: change: { rows: 20%, against: 7 runs }")
    }
    return checks
  }

  private static func canSum(
    _ name: Name, _ shape: RelationShape, _ context: PlanContext
  ) -> Bool {
    guard let field = context.field(name, in: shape.schema, of: "the input") else { return false }
    if !field.type.isNumber {
      context.report.error(
        .wrongType, "'\(name.text)' is of type \(field.type.sqlName), not a number", at: name.span,
        help: "name a column of numbers")
      return false
    }
    if field.isPersonal {
      context.report.error(
        .personalData, "'\(name.text)' is personal data, and its sum would be kept", at: name.span,
        help: "compare a column that is not personal")
    }
    return !field.isPersonal
  }

  var reads: Set<String> { measure.column.map { [$0] } ?? [] }

  func violation(in data: CheckedData) throws -> Violation? {
    guard let past = data.past[measure], let median = past.median else { return nil }
    let value = try measure.value(in: data.rows)
    let difference = abs(value - median)
    let apart: Double
    if case .nulls = measure { apart = difference } else { apart = difference / abs(median) }
    // From 0 to 0 there is no change; from 0 to anything else there is, however much is allowed.
    guard difference != 0, !(apart <= within.fraction) else { return nil }
    return Violation(
      message: "expected \(measure.name) within \(within) of the median of the last "
        + "\(past.count == 1 ? "published run" : "\(past.count) published runs"), "
        + "but \(found(value, median, apart))",
      help: "find out what has changed; if it is as it should be, allow more until it is published",
      offending: offending)
  }

  /// Rows that have no value, where these are what is compared.
  private var offending: OffendingRows? {
    if case .nulls(let column) = measure { return .matching("\(ColumnSQL.name(column)) is null") }
    return nil
  }

  /// How the value lies to the median; of sums without any values.
  private func found(_ value: Double, _ median: Double, _ apart: Double) -> String {
    let isMore = value > median
    switch measure {
    case .rows:
      let share = median == 0 ? "" : ", \(Share.percent(apart)) \(isMore ? "more" : "less")"
      return "found \(Int(value)) instead of \(Int(median.rounded()))\(share)"
    case .nulls:
      let points = Share.percent(apart).replacing("%", with: "")
      return "\(points) in a hundred rows \(isMore ? "more" : "less") have none"
    case .sum:
      guard apart.isFinite else { return "the two cannot be compared as a share" }
      return "it is \(Share.percent(apart)) \(isMore ? "more" : "less")"
    }
  }
}
