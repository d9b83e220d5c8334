import Expressions
import Frames
import Relations

extension MemoryEngine {
  public func findings(
    of checks: [RowCheck], in checked: CheckedRows
  ) async throws -> [CheckFinding] {
    let asOf = checked.facts.asOf
    var others: [String: Frame] = [:]
    for (stage, relation) in checked.others {
      others[stage] = try await relation.frame(asOf: asOf)
    }
    let measuring = Measuring(
      rows: try await checked.rows.frame(asOf: asOf), others: others, rejected: checked.rejected,
      context: EvaluationContext(asOf: asOf, zone: checked.rows.zone))
    return try checks.map { check in
      try Task.checkCancellation()
      return try measuring.finding(of: check)
    }
  }
}

/// The rows that checks look at, at an as-of.
private struct Measuring {
  let rows: Frame
  let others: [String: Frame]
  let rejected: (count: Int, of: Int)
  let context: EvaluationContext

  func finding(of check: RowCheck) throws -> CheckFinding {
    switch check {
    case .rows: return .count(rows.rowCount, of: rows.rowCount)
    case .rejected: return .count(rejected.count, of: rejected.of)
    case .notNull(let column), .shareOfNulls(let column, _):
      return .count(try rows.column(column).nullCount, of: rows.rowCount)
    case .unique(let columns):
      let grouping = Grouping(by: try rows.columns(columns), rowCount: rows.rowCount)
      return .count(rows.rowCount - grouping.count, of: rows.rowCount)
    case .values(let values), .matches(let values):
      return .count(
        try values.offending.selection(over: rows, in: context).count { $0 }, of: rows.rowCount)
    case .fresh(let fresh): return .latest(try latest(fresh.column))
    case .relationship(let column, let other):
      let values = try rows.column(column)
      let match = KeyMatch(of: [values], in: [try self.other(other)])
      let missing = match.rows.indices.count { match.rows[$0] < 0 && !values.isNull($0) }
      return .count(missing, of: rows.rowCount)
    case .sumsAgree(let sums):
      return .sums(try rows.column(sums.column).total, try other(sums.other).total)
    case .change(let change): return .measure(try value(of: change.measure))
    }
  }

  private func latest(_ column: String) throws -> Instant? {
    // Infinities, and nulls, which are read as one, say nothing of how new the rows are.
    let instants = try rows.instants(column, in: context.zone)
    return instants.lazy.filter { $0 != .max && $0 != .min }.max()
      .map(Instant.init(microseconds:))
  }

  private func value(of measure: Measure) throws -> Double {
    switch measure {
    case .rows: Double(rows.rowCount)
    case .nulls(let column):
      Double(try rows.column(column).nullCount) / Double(max(1, rows.rowCount))
    case .sum(let column): try rows.column(column).total.double
    }
  }

  /// A column of another stage that a check looks at.
  private func other(_ column: StageColumn) throws -> Column {
    guard let rows = others[column.stage] else {
      throw StageFailure(
        "the rows of stage \(column.stage), on which a check counts, were not read",
        help: "this is a mistake in roost")
    }
    return try rows.column(column.column)
  }
}
