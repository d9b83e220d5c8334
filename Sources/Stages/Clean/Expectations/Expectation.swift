import Diagnostics
import Expressions
import Frames
import PipelineFiles
import Relations

/// Something that must hold of the rows that a stage made.
enum Expectation: OneOf {
  case rows(Bound)
  case notNull(OneOrMany<Name>)
  case unique(OneOrMany<Name>)
  case between(Entries<[Phrase]>)
  case accepted(Entries<[Phrase]>)
  case rejected(Bound)

  static let cases: [Case<Expectation>] = [
    Case("rows", "How many rows there are.", Expectation.rows),
    Case("not_null", "Columns without nulls.", Expectation.notNull),
    Case("unique", "Columns that together identify a row.", Expectation.unique),
    Case(
      "between", "Columns with the least and the greatest value that they may have, or null.",
      Expectation.between),
    Case(
      "accepted", "Columns with all values that they may have, beside null.", Expectation.accepted),
    Case("rejected", "Rows, or the share of rows, that were rejected.", Expectation.rejected),
  ]

  /// The typed checks; none where something is wrong, which the report then says.
  func plan(_ shape: RelationShape, _ context: PlanContext) -> [any ExpectationCheck] {
    func names(_ columns: OneOrMany<Name>) -> [String]? {
      let fields = columns.values.map { context.field($0, in: shape.schema, of: "the result") }
      return fields.contains(nil) ? nil : columns.values.map(\.text)
    }
    switch self {
    case .rows(let bound): return [RowsCheck(bound: bound)]
    case .notNull(let columns): return names(columns).map { $0.map(NotNullCheck.init) } ?? []
    case .unique(let columns): return names(columns).map { [UniqueCheck(columns: $0)] } ?? []
    case .between(let entries): return ValueCheck.plan(entries, .between, shape.schema, context)
    case .accepted(let entries): return ValueCheck.plan(entries, .accepted, shape.schema, context)
    case .rejected(let bound): return [RejectedCheck(bound: bound)]
    }
  }
}

/// What is known of a clean stage beside its result.
struct CleanFacts: Sendable {
  let inputRows: Int
  let rejectedRows: Int
  let evaluation: EvaluationContext
}

/// A typed expectation.
protocol ExpectationCheck: Sendable {
  /// The columns that it looks at.
  var reads: Set<String> { get }
  /// What does not hold; nil where all is as expected.
  func violation(in frame: Frame, _ facts: CleanFacts) throws -> Violation?
}

/// An expectation that does not hold, told without any values.
struct Violation: Sendable {
  let message: String
  let help: String
  /// The rows that are to blame; nil where there are none in particular.
  var offending: OffendingRows?
}

/// Rows that are not as expected, as a preview can show them.
enum OffendingRows: Sendable {
  /// Those for which an expression over the result is true.
  case matching(String)
  /// Those that agree with others in these columns.
  case repeating([String])
  /// Those whose value in a column stands in no row of another stage's column.
  case missing(String, StageColumn)

  /// The options of `roost preview` that show them.
  var options: String {
    switch self {
    case .matching(let condition): "--where \(ShellText.quoted(condition))"
    case .repeating(let columns): "--repeats \(ShellText.quoted(columns.joined(separator: ",")))"
    case .missing(let column, let other): "--missing \(ShellText.quoted("\(column)=\(other)"))"
    }
  }
}

extension [Violation] {
  /// All of them as warnings, with how to see the rows.
  func warnings(preview: String) -> [String] {
    map { violation in
      violation.message
        + (violation.offending.map { "; see the rows with: \(preview) \($0.options)" } ?? "")
    }
  }

  /// All of them as what stops a stage; nil where there are none.
  /// - Parameter preview: the command that shows the rows of the stage.
  func failure(preview: String) -> StageFailure? {
    guard let first else { return nil }
    let messages = map(\.message).joined(separator: "; ")
    let commands = compactMap(\.offending).map { "\(preview) \($0.options)" }
    let seeing = commands.isEmpty ? [] : ["see the rows with: " + commands.joined(separator: "; ")]
    return StageFailure(
      count == 1 ? first.message : "\(count) expectations do not hold: \(messages)",
      help: (map(\.help).removingRepeats + seeing).joined(separator: "; "), isBlockedByCheck: true)
  }
}
