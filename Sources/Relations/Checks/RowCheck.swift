import Expressions
import Frames

/// Something that must hold of rows: what it means, and nothing of how it is found out.
///
/// Closed, so that the compiler names every reader that must learn a new one. An engine measures
/// (`CheckFinding`); what the figures say is decided in one place (`RowCheck.violation`).
public enum RowCheck: Sendable {
  /// How many rows there are.
  case rows(Limit)
  /// How many rows, or which share of those that were read, were rejected.
  case rejected(Limit)
  case notNull(String)
  /// Columns that together identify a row; nulls agree.
  case unique([String])
  /// Values that are among some or between two.
  case values(ValuesCheck)
  /// Values that match a regular expression.
  case matches(ValuesCheck)
  /// The share of nulls in a column; without rows it is 0.
  case shareOfNulls(String, Limit)
  case fresh(FreshCheck)
  /// Every value of a column that is not null stands in a column of another stage.
  case relationship(String, StageColumn)
  case sumsAgree(SumsCheck)
  case change(ChangeCheck)
}

/// A column whose values must be some; a null may always stand there.
public struct ValuesCheck: Sendable {
  public let column: String
  /// What is expected, for a message: `between 1 and 5`.
  public let wanted: String
  /// True for rows that should not be there.
  public let offending: TypedExpression

  public init(column: String, wanted: String, offending: TypedExpression) {
    self.column = column
    self.wanted = wanted
    self.offending = offending
  }
}

/// The latest time of a column lies at most so long before the as-of.
public struct FreshCheck: Sendable, Hashable {
  public let column: String
  public let within: Span
  /// Whether a message may say how old the latest is.
  public let isPersonal: Bool

  public init(column: String, within: Span, isPersonal: Bool) {
    self.column = column
    self.within = within
    self.isPersonal = isPersonal
  }
}

/// The sum of a column is that of another stage's column, but for a share of that.
public struct SumsCheck: Sendable, Hashable {
  public let column: String
  public let other: StageColumn
  public let within: Double

  public init(column: String, other: StageColumn, within: Double) {
    self.column = column
    self.other = other
    self.within = within
  }
}

/// A measure lies near the median of what the last published runs measured. Without such runs it holds.
public struct ChangeCheck: Sendable, Hashable {
  public let measure: Measure
  /// As a share of the median; of shares the difference itself.
  public let within: Double
  /// How many runs have the median.
  public let runs: Int

  public init(measure: Measure, within: Double, runs: Int) {
    self.measure = measure
    self.within = within
    self.runs = runs
  }
}

extension RowCheck {
  /// The columns that it looks at: of its own rows, and of other stages.
  public var needs: (own: Set<String>, others: [StageColumn]) {
    switch self {
    case .rows, .rejected: ([], [])
    case .notNull(let column), .shareOfNulls(let column, _): ([column], [])
    case .unique(let columns): (Set(columns), [])
    case .values(let values), .matches(let values):
      (values.offending.columns.union([values.column]), [])
    case .fresh(let fresh): ([fresh.column], [])
    case .relationship(let column, let other): ([column], [other])
    case .sumsAgree(let sums): ([sums.column], [sums.other])
    case .change(let change): (change.measure.column.map { [$0] } ?? [], [])
    }
  }

  /// The rows that are to blame where it does not hold; nil where there are none in particular.
  public var offending: OffendingRows.Which? {
    switch self {
    case .rows, .rejected, .fresh, .sumsAgree: nil
    case .notNull(let column), .shareOfNulls(let column, _): .null(column)
    case .unique(let columns): .repeating(columns)
    case .values(let values), .matches(let values): .matching(values.offending.text)
    case .relationship(let column, let other): .missing(column, other)
    case .change(let change):
      // Rows that have no value, where these are what is compared.
      if case .nulls(let column) = change.measure { .null(column) } else { nil }
    }
  }
}

extension [RowCheck] {
  /// Those that compare with earlier runs.
  public var changes: [ChangeCheck] {
    compactMap { if case .change(let change) = $0 { change } else { nil } }
  }
}
