import Diagnostics
import Frames
import PipelineFiles
import Relations

/// Something that must hold of the rows that a stage made.
enum Expectation: OneOf {
  case rows(Bound)
  case notNull(OneOrMany<ColumnName>)
  case unique(OneOrMany<ColumnName>)
  case between(EntriesByName<ColumnName, [ValueText]>)
  case accepted(EntriesByName<ColumnName, [ValueText]>)
  case rejected(Bound)

  static let cases: [Case<Expectation>] =
    casesOfRows + [
      Case(
        "rejected", "Rows, or the share of rows, that were rejected.", such: "'<= 2%'",
        Expectation.rejected)
    ]

  /// Those that ask nothing but the rows.
  static let casesOfRows: [Case<Expectation>] = [
    Case("rows", "How many rows there are.", such: "'>= 1000'", Expectation.rows),
    Case("not_null", "Columns without nulls.", Expectation.notNull),
    Case("unique", "Columns that together identify a row.", Expectation.unique),
    Case(
      "between", "Columns with the least and the greatest value that they may have, or null.",
      such: "0", Expectation.between),
    Case(
      "accepted", "Columns with all values that they may have, beside null.", Expectation.accepted),
  ]

  /// The typed checks; none where something is wrong, which the report then says.
  func plan(_ shape: RelationShape, _ context: PlanContext) -> [RowCheck] {
    func names(_ columns: OneOrMany<ColumnName>) -> [String]? {
      let fields = columns.values.map { context.field($0, in: shape.schema, of: "the result") }
      return fields.contains(nil) ? nil : columns.values.map(\.text)
    }
    switch self {
    case .rows(let bound): return [.rows(bound.limit)]
    case .notNull(let columns): return names(columns).map { $0.map(RowCheck.notNull) } ?? []
    case .unique(let columns): return names(columns).map { [.unique($0)] } ?? []
    case .between(let entries): return ValueChecks.plan(entries, .between, shape.schema, context)
    case .accepted(let entries): return ValueChecks.plan(entries, .accepted, shape.schema, context)
    case .rejected(let bound): return [.rejected(bound.limit)]
    }
  }
}

extension Bound {
  /// What it says, apart from where.
  var limit: Limit {
    let comparison: Limit.Comparison =
      switch relation {
      case .atLeast: .atLeast
      case .atMost: .atMost
      case .above: .above
      case .below: .below
      case .equal: .equal
      }
    return Limit(comparison, value, isShare: isPercent, text: text)
  }
}
