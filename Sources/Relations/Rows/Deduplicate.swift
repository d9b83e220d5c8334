import Frames

extension RowStep {
  /// Keeps one row of those that agree in some columns. Nulls agree.
  ///
  /// Rows that are equal in `order` too are told apart by their other columns, so that the choice does
  /// not depend on how the rows came: as `row_number() over (partition by … order by …) = 1`, nulls last.
  public struct Deduplicate: RowStepMeaning {
    public enum Kept: String, CaseIterable, Sendable { case latest, first }

    public let by: [String]
    public let keep: Kept
    public let order: String
    /// Of an enum that orders them, its labels in their order.
    public let labels: [String]?

    public init(by: [String], keep: Kept, order: String, labels: [String]?) {
      self.by = by
      self.keep = keep
      self.order = order
      self.labels = labels
    }

    public var label: String { "deduplicate by \(by.joined(separator: ", "))" }
    public var scope: StepScope { .asOf }
    public var fields: [Field] { [] }
    public var assignments: [Assignment] { [] }
    public var reads: Set<String>? { nil }
    public var deciding: Set<String> { Set(by + [order]) }
    public var rejects: Bool { false }
  }
}
