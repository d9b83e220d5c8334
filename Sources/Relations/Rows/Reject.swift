import Expressions
import Frames

extension RowStep {
  /// Removes the rows for which a condition is true, and counts them.
  public struct Reject: RowStepMeaning {
    public let condition: TypedExpression
    public let reason: String

    public init(condition: TypedExpression, reason: String) {
      self.condition = condition
      self.reason = reason
    }

    public var label: String { "reject \(reason)" }
    public var scope: StepScope { condition.dependsOnAsOf ? .asOf : .row }
    public var fields: [Field] { [] }
    public var assignments: [Assignment] { [] }
    public var reads: Set<String>? { condition.columns }
    public var deciding: Set<String> { condition.columns }
    public var rejects: Bool { true }
  }
}
