import Diagnostics
import Expressions
import Frames
import PipelineFiles
import Relations

/// The latest time of a column lies at most so long before the as-of.
struct FreshCheck: DataCheck {
  let column: String
  let within: Span
  /// Whether the message may say how old the latest is.
  let isPersonal: Bool

  init?(_ fresh: CheckExpectation.Fresh, _ shape: RelationShape, _ context: PlanContext) {
    guard let field = context.field(fresh.column, in: shape.schema, of: "the input") else {
      return nil
    }
    guard field.type.isTime else {
      context.report.error(
        .wrongType, "column '\(field.name)' is of type \(field.type.sqlName), not a time",
        at: fresh.column.span, help: "name a date, timestamp or timestamptz column")
      return nil
    }
    column = field.name
    within = fresh.within.span
    isPersonal = field.isPersonal
  }

  var reads: Set<String> { [column] }

  func violation(in data: CheckedData) throws -> Violation? {
    let instants = try data.rows.instants(column, in: data.zone)
    // Infinities, and nulls, which are read as one, say nothing of how new the rows are.
    let latest = instants.lazy.filter { $0 != .max && $0 != .min }.max()
    let least = data.zone.instant(data.asOf, minus: within).microseconds
    if let latest, latest >= least { return nil }
    let hours = latest.map { (data.asOf.microseconds - $0) / 3_600_000_000 }
    let found =
      hours.map { hours in
        let age = hours < 48 ? "\(hours) hours" : "\(hours / 24) days"
        return isPersonal ? "the latest is older" : "the latest is \(age) older than the as-of"
      } ?? "there is none"
    return Violation(
      message:
        "expected \(column) to reach within \(within.description) of the as-of, but \(found)",
      help: "find out why the source has nothing newer, or allow more")
  }
}
