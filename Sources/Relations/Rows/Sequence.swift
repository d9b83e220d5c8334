import Frames

extension RowStep {
  /// Looks at the rows of each entity in their order: numbers them, takes values of the row before, cuts
  /// them into sessions. What funnels, paths and sessions are made from.
  ///
  /// Rows that are equal in `order` are told apart by their other columns; nulls come last, and agree.
  public struct Sequence: RowStepMeaning {
    public enum Value: Sendable, Hashable {
      /// 1 for an entity's first row, 2 for its second.
      case number
      /// The value of a column in the row before; null for the first.
      case previous(String)
      /// The number of the session, from 1: a new one begins with a row whose time is more than a gap, in
      /// microseconds, after that of the row before. A row without a time belongs to the one before.
      case session(gap: Int64)
    }

    /// A column that is made.
    public struct Made: Sendable {
      public let field: Field
      public let value: Value

      public init(_ name: String, _ value: Value, in schema: Schema) {
        self.value = value
        switch value {
        case .number:
          field = Field(name, .int8, isNullable: false, about: "The row's number in its order.")
        case .session:
          field = Field(name, .int8, isNullable: false, about: "The number of the session.")
        case .previous(let column):
          var previous = schema[column] ?? Field(column, .text)
          previous.name = name
          previous.isNullable = true
          previous.about = "\(column) of the row before."
          field = previous
        }
      }
    }

    /// The columns that name the entity.
    public let by: [String]
    /// A time, where there are sessions.
    public let order: String
    /// Of an enum that orders the rows, its labels in their order.
    public let labels: [String]?
    public let made: [Made]

    public init(by: [String], order: String, labels: [String]?, made: [Made]) {
      self.by = by
      self.order = order
      self.labels = labels
      self.made = made
    }

    public var label: String { "sequence by \(by.joined(separator: ", ")) in order of \(order)" }
    public var scope: StepScope { .asOf }
    public var fields: [Field] { made.map(\.field) }
    public var assignments: [Assignment] {
      made.map { made in
        let origins = Set(by + [order])
        return switch made.value {
        case .number: Assignment(made.field.name, from: origins, by: "number in order of \(order)")
        case .previous(let column):
          Assignment(
            made.field.name, from: origins.union([column]),
            by: "\(column) of the row before in order of \(order)")
        case .session:
          Assignment(made.field.name, from: origins, by: "session in order of \(order)")
        }
      }
    }
    /// Ties are told apart by all columns.
    public var reads: Set<String>? { nil }
    public var deciding: Set<String> { [] }
    public var rejects: Bool { false }
  }
}
