/// A line of what a stage will do.
public struct PlannedStep: Sendable, Hashable {
  public let text: String
  /// For a step over rows, whether it looks at more than its own row, so that it is repeated for every
  /// past cutoff; nil for what is no such step.
  public let isAsOf: Bool?

  public init(_ text: String, isAsOf: Bool? = nil) {
    self.text = text
    self.isAsOf = isAsOf
  }
}
