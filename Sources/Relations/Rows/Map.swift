import Frames

extension RowStep {
  /// Replaces the texts of a column by others, from a table of them. Texts are told apart by their bytes.
  public struct Map: RowStepMeaning {
    /// What becomes of a text that stands on neither side of the table.
    public enum Fallback: String, CaseIterable, Sendable { case keep, null, reject }

    /// What comes out.
    public let field: Field
    /// What becomes of a text, by its UTF-8; null where it becomes null. What a text becomes stands
    /// there as itself too, unless it becomes another.
    public let table: [[UInt8]: String?]
    public let otherwise: Fallback

    public init(_ field: Field, table: [[UInt8]: String?], otherwise: Fallback) {
      self.field = field
      self.table = table
      self.otherwise = otherwise
    }

    public var label: String { "map \(field.name)" }
    public var scope: StepScope { .row }
    public var fields: [Field] { [field] }
    public var assignments: [Assignment] {
      [Assignment(field.name, from: [field.name], by: "map(\(field.name))")]
    }
    public var reads: Set<String>? { [field.name] }
    public var deciding: Set<String> { rejects ? [field.name] : [] }
    public var rejects: Bool { otherwise == .reject }
    /// Why a row is rejected.
    public var reason: String { "\(field.name) has a value that is not in the table" }
  }
}
