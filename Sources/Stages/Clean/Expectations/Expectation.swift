import Diagnostics
import Frames
import PipelineFiles

/// Something that must hold of the rows that a stage made.
enum Expectation: OneOf {
  case rows(Bound)
  case notNull(OneOrMany<Name>)
  case unique(OneOrMany<Name>)
  case rejected(Bound)

  static let cases: [Case<Expectation>] = [
    Case("rows", "How many rows there are.", Expectation.rows),
    Case("not_null", "Columns without nulls.", Expectation.notNull),
    Case("unique", "Columns that together identify a row.", Expectation.unique),
    Case("rejected", "Rows, or the share of rows, that were rejected.", Expectation.rejected),
  ]

  func plan(_ shape: RelationShape, _ context: PlanContext) -> (any ExpectationCheck)? {
    func names(_ columns: OneOrMany<Name>) -> [String]? {
      let fields = columns.values.map { context.field($0, in: shape.schema, of: "the result") }
      return fields.contains(nil) ? nil : columns.values.map(\.text)
    }
    switch self {
    case .rows(let bound): return RowsCheck(bound: bound)
    case .notNull(let columns): return names(columns).map(NotNullCheck.init)
    case .unique(let columns): return names(columns).map(UniqueCheck.init)
    case .rejected(let bound): return RejectedCheck(bound: bound)
    }
  }
}

/// What is known of a clean stage beside its result.
struct CleanFacts: Sendable {
  let inputRows: Int
  let rejectedRows: Int
}

/// A typed expectation.
protocol ExpectationCheck: Sendable {
  /// Throws a `StageFailure` that is blocked by a check when the expectation does not hold.
  func check(_ frame: Frame, _ facts: CleanFacts) throws
}

private func blocked(_ message: String, help: String) -> StageFailure {
  StageFailure(message, help: help, isBlockedByCheck: true)
}

struct RowsCheck: ExpectationCheck {
  let bound: Bound

  func check(_ frame: Frame, _ facts: CleanFacts) throws {
    guard !bound.holds(Double(frame.rowCount)) else { return }
    throw blocked(
      "expected rows \(bound.text), found \(frame.rowCount)",
      help: "look at the source, or change the bound")
  }
}

struct NotNullCheck: ExpectationCheck {
  let columns: [String]

  func check(_ frame: Frame, _ facts: CleanFacts) throws {
    for name in columns {
      guard let nulls = frame[name]?.nullCount, nulls > 0 else { continue }
      throw blocked(
        "expected no nulls in \(name), found \(nulls) in \(frame.rowCount) rows",
        help: "reject or fill them in a step")
    }
  }
}

struct UniqueCheck: ExpectationCheck {
  let columns: [String]

  func check(_ frame: Frame, _ facts: CleanFacts) throws {
    let grouping = Grouping(by: columns.compactMap { frame[$0] }, rowCount: frame.rowCount)
    guard grouping.count < frame.rowCount else { return }
    throw blocked(
      "expected \(columns.joined(separator: ", ")) to be unique, "
        + "found \(frame.rowCount - grouping.count) rows too many",
      help: "deduplicate in a step")
  }
}

struct RejectedCheck: ExpectationCheck {
  let bound: Bound

  func check(_ frame: Frame, _ facts: CleanFacts) throws {
    let share = Double(facts.rejectedRows) / Double(max(1, facts.inputRows))
    guard !bound.holds(bound.isPercent ? share : Double(facts.rejectedRows)) else { return }
    throw blocked(
      "expected rejected rows \(bound.text), found \(facts.rejectedRows) of \(facts.inputRows)",
      help: "look at the source, or change the bound")
  }
}
