import Frames
import PipelineFiles

struct RowsCheck: ExpectationCheck {
  let bound: Bound

  var reads: Set<String> { [] }

  func violation(in frame: Frame, _ facts: CleanFacts) -> Violation? {
    guard !bound.holds(Double(frame.rowCount)) else { return nil }
    return Violation(
      message: "expected rows \(bound.text), found \(frame.rowCount)",
      help: "look at the source, or change the bound")
  }
}

struct NotNullCheck: ExpectationCheck {
  let column: String

  var reads: Set<String> { [column] }

  func violation(in frame: Frame, _ facts: CleanFacts) throws -> Violation? {
    let nulls = try frame.column(column).nullCount
    guard nulls > 0 else { return nil }
    return Violation(
      message: "expected no nulls in \(column), found \(nulls) in \(frame.rowCount) rows",
      help: "reject or fill them in a step",
      offending: .matching("\(ColumnSQL.name(column)) is null"))
  }
}

struct UniqueCheck: ExpectationCheck {
  let columns: [String]

  var reads: Set<String> { Set(columns) }

  func violation(in frame: Frame, _ facts: CleanFacts) throws -> Violation? {
    let grouping = Grouping(by: try frame.columns(columns), rowCount: frame.rowCount)
    guard grouping.count < frame.rowCount else { return nil }
    return Violation(
      message: "expected \(columns.joined(separator: ", ")) to be unique, "
        + "found \(frame.rowCount - grouping.count) rows too many",
      help: "deduplicate in a step", offending: .repeating(columns))
  }
}

struct RejectedCheck: ExpectationCheck {
  let bound: Bound

  var reads: Set<String> { [] }

  func violation(in frame: Frame, _ facts: CleanFacts) -> Violation? {
    let share = Double(facts.rejectedRows) / Double(max(1, facts.inputRows))
    guard !bound.holds(bound.isPercent ? share : Double(facts.rejectedRows)) else { return nil }
    return Violation(
      message:
        "expected rejected rows \(bound.text), found \(facts.rejectedRows) of \(facts.inputRows)",
      help: "look at the source, or change the bound")
  }
}
