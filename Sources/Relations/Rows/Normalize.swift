import Frames

extension RowStep {
  /// Writes texts in one form; a text that has none becomes null.
  public struct Normalize: RowStepMeaning {
    /// What comes out.
    public let fields: [Field]
    public let form: TextForm

    public init(_ fields: [Field], form: TextForm) {
      self.fields = fields
      self.form = form
    }

    private var names: [String] { fields.map(\.name) }
    public var label: String { "normalize \(names.joined(separator: ", "))" }
    public var scope: StepScope { .row }
    public var assignments: [Assignment] {
      names.map { Assignment($0, from: [$0], by: form.expression(of: $0)) }
    }
    public var reads: Set<String>? { Set(names) }
    public var deciding: Set<String> { [] }
    public var rejects: Bool { false }
  }
}
