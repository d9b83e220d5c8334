import Diagnostics
import Frames
import PipelineFiles
import Relations

extension Change {
  /// The checks that a change consists of; none where something is wrong, which is reported.
  func plan(_ shape: RelationShape, _ context: PlanContext) -> [RowCheck] {
    var checks: [RowCheck] = []
    func add(_ measure: Measure, _ within: Share) {
      checks.append(
        .change(
          ChangeCheck(measure: measure, within: within.fraction, runs: against.count)))
    }
    if let rows { add(.rows, rows) }
    for entry in nulls.entries
    where context.field(entry.name, in: shape.schema, of: "the input") != nil {
      add(.nulls(entry.name.text), entry.value)
    }
    for entry in sums.entries where Self.canSum(entry.name, shape, context) {
      add(.sum(entry.name.text), entry.value)
    }
    if rows == nil, nulls.entries.isEmpty, sums.entries.isEmpty {
      context.report.error(
        .wrongValue, "nothing is compared with the last runs", at: context.stage.span,
        help: "say what: change: { rows: 20%, against: 7 runs }")
    }
    return checks
  }

  private static func canSum(
    _ name: ColumnName, _ shape: RelationShape, _ context: PlanContext
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
}
