import Diagnostics
import Expressions
import Frames
import PipelineFiles
import Relations

/// Pulls values outside two quantiles to the nearer one.
struct Clip: Record, CleanStepKind {
  static let name = "clip"
  static let about =
    "Pulls values outside two quantiles to the nearer one. A quantile is a value of the column "
    + "(percentile_disc), unless it is to be interpolated (percentile_cont)."
  let column: ColumnName
  let to: Placed<LowerAndUpper<Quantile>>
  let interpolates: Bool

  init(_ keys: inout Keys) {
    column = keys("column", "Column of numbers or times.", such: "amount")
    to = keys("to", "Lower and upper quantile, such as [p0, p99.9].")
    interpolates = keys(
      "interpolate",
      "Whether a quantile may lie between two values of the column, rounded to its type.",
      default: false, shown: "false")
  }

  private var bounds: [Quantile] { to.value.values }
  private var isOrdered: Bool { bounds.count == 2 && bounds[0].fraction < bounds[1].fraction }

  func check(_ report: Report) {
    guard !isOrdered else { return }
    if bounds.count == 2, bounds[0].fraction > bounds[1].fraction {
      report.error(
        .wrongValue, "the lower and the upper quantile are reversed", at: to.key,
        help: "write it as to: [\(bounds[1].text), \(bounds[0].text)]")
      return
    }
    report.error(
      .wrongValue, "'to' takes a lower and an upper quantile", at: to.key,
      help: "write it as to: [p0, p99.9]")
  }

  func plan(_ shape: inout RelationShape, _ context: PlanContext) -> RowStep? {
    guard let field = context.field(column, in: shape.schema, of: "the input") else { return nil }
    context.refuseChange(of: column, in: shape)
    guard field.type.isNumber || field.type.isTime else {
      context.report.error(
        .wrongType, "'\(field.name)' is of type \(field.type.sqlName) and cannot be clipped",
        at: column.span, help: "clip numbers or times")
      return nil
    }
    guard isOrdered else { return nil }
    return .clip(
      .init(
        field, lower: bounds[0].fraction, upper: bounds[1].fraction, interpolates: interpolates))
  }
}

/// A quantile: `p99.9` is the 0.999 quantile.
struct Quantile: Limiting {
  static let word = WordShape(
    name: "a \(noun)", example: "p99.9", pattern: "^p\(DecimalText.pattern)$", scalars: [.string])
  static let noun = "quantile"
  static let lowest = "p0"
  let fraction: Double
  /// As written.
  let text: String

  init(parsing snippet: Snippet) throws {
    guard snippet.text.hasPrefix("p"),
      let fraction = DecimalText.double(snippet.text.dropFirst(), shift: -2),
      (0...1).contains(fraction)
    else {
      throw WordTrouble(
        "'\(snippet.excerpt)' is not a quantile", help: "write p0 to p100, such as p99.9")
    }
    self.fraction = fraction
    text = snippet.text
  }
}
