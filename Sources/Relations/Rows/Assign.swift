import Expressions
import Frames

extension RowStep {
  /// Gives columns the values of expressions, all of which see the row as it was before the step.
  public struct Assign: RowStepMeaning {
    public struct Setting: Sendable {
      /// What comes out.
      public let field: Field
      public let expression: TypedExpression

      public init(field: Field, expression: TypedExpression) {
        self.field = field
        self.expression = expression
      }
    }
    public let settings: [Setting]

    public init(_ settings: [Setting]) { self.settings = settings }

    public var label: String { "set \(fields.map(\.name).joined(separator: ", "))" }
    public var scope: StepScope {
      settings.contains { $0.expression.dependsOnAsOf } ? .asOf : .row
    }
    public var fields: [Field] { settings.map(\.field) }
    public var assignments: [Assignment] {
      settings.map {
        Assignment($0.field.name, from: $0.expression.columns, by: $0.expression.text)
      }
    }
    public var reads: Set<String>? {
      settings.reduce(into: []) { columns, setting in
        columns.formUnion(setting.expression.columns)
        // What a value was before tells whether it changed.
        columns.insert(setting.field.name)
      }
    }
    public var deciding: Set<String> { [] }
    public var rejects: Bool { false }
  }
}
