import Expressions
import Frames

extension RowStep {
  /// Gives the nulls of a column a value.
  public struct Fill: RowStepMeaning {
    /// Of a column's values that are not null: the lower median (`percentile_disc(0.5)`), or the most
    /// frequent one, of several the least, as Postgres's `mode()`.
    public enum Statistic: String, CaseIterable, Sendable { case median, mode }
    public enum Source: Sendable {
      case expression(TypedExpression)
      case statistic(Statistic)
    }

    /// What comes out.
    public let field: Field
    public let source: Source

    public init(_ field: Field, from source: Source) {
      self.field = field
      self.source = source
    }

    public var label: String { "fill \(field.name)" }
    public var scope: StepScope {
      switch source {
      case .expression(let expression): expression.dependsOnAsOf ? .asOf : .row
      case .statistic: .asOf
      }
    }
    public var fields: [Field] { [field] }
    public var assignments: [Assignment] {
      switch source {
      case .expression(let expression):
        [
          Assignment(
            field.name, from: expression.columns.union([field.name]),
            by: "coalesce(\(field.name), \(expression.text))")
        ]
      case .statistic(let statistic):
        [
          Assignment(
            field.name, from: [field.name],
            by: "coalesce(\(field.name), \(statistic.rawValue))")
        ]
      }
    }
    public var reads: Set<String>? {
      switch source {
      case .expression(let expression): expression.columns.union([field.name])
      case .statistic: [field.name]
      }
    }
    public var deciding: Set<String> { [] }
    public var rejects: Bool { false }
  }
}
