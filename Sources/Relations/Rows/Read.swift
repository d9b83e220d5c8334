import Frames

extension RowStep {
  /// Reads texts as values of other types, as Postgres's cast does.
  public struct Read: RowStepMeaning {
    /// What becomes of a text that is no such value.
    public enum Fallback: String, CaseIterable, Sendable { case null, reject }

    /// What comes out.
    public let fields: [Field]
    public let otherwise: Fallback

    public init(_ fields: [Field], otherwise: Fallback) {
      self.fields = fields
      self.otherwise = otherwise
    }

    private var names: [String] { fields.map(\.name) }
    public var label: String { "cast \(names.joined(separator: ", "))" }
    public var scope: StepScope { .row }
    public var assignments: [Assignment] {
      fields.map {
        Assignment($0.name, from: [$0.name], by: "cast(\($0.name) as \($0.type.sqlName))")
      }
    }
    public var reads: Set<String>? { Set(names) }
    public var deciding: Set<String> { rejects ? Set(names) : [] }
    public var rejects: Bool { otherwise == .reject }

    /// Why a row is rejected whose text of a field is no value.
    public func reason(of field: Field) -> String { "\(field.name) is no \(field.type.sqlName)" }
  }
}
