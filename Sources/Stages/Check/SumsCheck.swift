import Diagnostics
import Expressions
import Frames
import MemoryEngine
import PipelineFiles
import Relations

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

  var reads: Set<String> { [column] }
  var othersRead: [StageColumn] { [other] }

  func violation(in data: CheckedData) throws -> Violation? {
    let own = try data.rows.column(column).total
    let others = try data.rows(of: other.stage).column(other.column).total
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
