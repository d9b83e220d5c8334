/// Something that does not hold, told without any values of rows.
public struct Violation: Sendable {
  public let message: String
  public let help: String
  /// The rows that are to blame; nil where there are none in particular.
  public let offending: OffendingRows?
}

/// Rows of a stage that are not as expected, as they can be found again.
public struct OffendingRows: Sendable, Hashable {
  public enum Which: Sendable, Hashable {
    /// Those without a value of a column.
    case null(String)
    /// Those for which an expression is true.
    case matching(String)
    /// Those that agree with others in these columns.
    case repeating([String])
    /// Those whose value in a column stands in no row of another stage's column.
    case missing(String, StageColumn)
  }

  public let stage: String
  public let which: Which

  public init(of stage: String, _ which: Which) {
    self.stage = stage
    self.which = which
  }
}

extension RowCheck {
  /// What does not hold, by what an engine measured; nil where all is as expected.
  /// - Parameters:
  ///   - stage: whose rows they are.
  ///   - facts: with the zone in which the rows' times are read.
  ///   - past: of a change what the last published runs measured.
  /// - Throws: `StageFailure` where something else was measured than it asks for.
  public func violation(
    _ found: CheckFinding, of stage: String, in facts: RunFacts, past: [Double] = []
  ) throws -> Violation? {
    try message(found, facts, past).map {
      Violation(
        message: $0, help: help, offending: offending.map { OffendingRows(of: stage, $0) })
    }
  }

  private func message(
    _ found: CheckFinding, _ facts: RunFacts, _ past: [Double]
  ) throws -> String? {
    switch self {
    case .rows(let limit):
      let (count, _) = try found.counted()
      return limit.holds(Double(count)) ? nil : "expected rows \(limit.text), found \(count)"
    case .rejected(let limit):
      let (count, all) = try found.counted()
      let share = Double(count) / Double(max(1, all))
      return limit.holds(limit.isShare ? share : Double(count))
        ? nil : "expected rejected rows \(limit.text), found \(count) of \(all)"
    case .notNull(let column):
      let (count, all) = try found.counted()
      return count == 0 ? nil : "expected no nulls in \(column), found \(count) in \(all) rows"
    case .unique(let columns):
      let (count, _) = try found.counted()
      return count == 0
        ? nil
        : "expected \(columns.joined(separator: ", ")) to be unique, found \(count) rows too many"
    case .values(let values):
      let (count, all) = try found.counted()
      return count == 0
        ? nil
        : "expected \(values.column) to be \(values.wanted), found \(count) of \(all) rows that "
          + "are not"
    case .matches(let values):
      let (count, all) = try found.counted()
      return count == 0
        ? nil
        : "expected \(values.column) to match \(values.wanted), found \(count) of \(all) rows that "
          + "do not"
    case .shareOfNulls(let column, let limit):
      let (count, all) = try found.counted()
      return limit.holds(Double(count) / Double(max(1, all)))
        ? nil
        : "expected a share of nulls in \(column) \(limit.text), found \(count) in \(all) rows"
    case .fresh(let fresh): return fresh.message(try found.latest(), facts)
    case .relationship(let column, let other):
      let (count, all) = try found.counted()
      return count == 0
        ? nil
        : "expected every \(column) to stand in \(other), found \(count) of \(all) rows whose "
          + "does not"
    case .sumsAgree(let sums):
      let (own, other) = try found.sums()
      return sums.message(own, other)
    case .change(let change): return change.message(try found.measured(), past: past)
    }
  }

  private var help: String {
    switch self {
    case .rows, .rejected, .shareOfNulls: "look at the source, or change the bound"
    case .notNull: "reject or fill them in a step"
    case .unique: "deduplicate in a step"
    case .values: "reject or mend them in a step"
    case .matches: "reject or mend them in a clean stage"
    case .fresh: "find out why the source has nothing newer, or allow more"
    case .relationship(_, let other):
      "find out which side lacks rows: an inner join to stage \(other.stage) leaves these out"
    case .sumsAgree: "find out which side lacks rows or has some twice, or allow more"
    case .change:
      "find out what has changed; if it is as it should be, allow more until it is published"
    }
  }
}
