import Expressions
import Frames

extension RowStep {
  /// Divides a number by the mean or median of the rows that agree with its own in some columns:
  /// `x / nullif(avg(x) over (partition by …), 0)`. Nulls agree.
  public struct Compare: RowStepMeaning {
    public enum Statistic: String, CaseIterable, Sendable { case mean, median }

    /// The new column.
    public let field: Field
    public let column: String
    public let statistic: Statistic
    public let groups: [String]
    /// The column's value in floating point.
    public let number: TypedExpression
    /// The statistic in floating point.
    public let usual: AggregateExpression

    public init(
      _ field: Field, of column: String, to statistic: Statistic, by groups: [String],
      number: TypedExpression, usual: AggregateExpression
    ) {
      self.field = field
      self.column = column
      self.statistic = statistic
      self.groups = groups
      self.number = number
      self.usual = usual
    }

    private var usualText: String {
      "\(statistic.rawValue) by \(groups.joined(separator: ", "))"
    }
    public var label: String { "compare \(column) to its \(usualText)" }
    public var scope: StepScope { .asOf }
    public var fields: [Field] { [field] }
    public var assignments: [Assignment] {
      [Assignment(field.name, from: Set(groups + [column]), by: "\(column) / \(usualText)")]
    }
    public var reads: Set<String>? { Set(groups + [column]) }
    public var deciding: Set<String> { [] }
    public var rejects: Bool { false }
  }
}
