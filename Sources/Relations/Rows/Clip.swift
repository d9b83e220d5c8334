import Frames

extension RowStep {
  /// Pulls values outside two quantiles of the values that are not null to the nearer one.
  public struct Clip: RowStepMeaning {
    public let field: Field
    /// Fractions from 0 to 1.
    public let lower: Double
    public let upper: Double
    /// Whether a quantile may lie between two values (`percentile_cont`), rounded to the column's type,
    /// rather than be one of them (`percentile_disc`).
    public let interpolates: Bool

    public init(_ field: Field, lower: Double, upper: Double, interpolates: Bool = false) {
      self.field = field
      self.lower = lower
      self.upper = upper
      self.interpolates = interpolates
    }

    public var label: String { "clip \(field.name)" }
    public var scope: StepScope { .fitted }
    public var fields: [Field] { [field] }
    public var assignments: [Assignment] {
      [
        Assignment(
          field.name, from: [field.name], by: "clip to p\(lower * 100), p\(upper * 100)")
      ]
    }
    public var reads: Set<String>? { [field.name] }
    public var deciding: Set<String> { [] }
    public var rejects: Bool { false }
  }
}
