import Expressions

/// What a dialect has no words for, in an operator.
public struct UnprintableRows: Error, CustomStringConvertible {
  /// The operator, as a plan names it: `normalize phone`.
  public let step: String
  /// What in it cannot be said: `the form of telephone numbers`.
  public let reason: String

  public var description: String { "\(step): \(reason)" }

  init(_ step: String, _ reason: String) {
    self.step = step
    self.reason = reason
  }

  init(_ step: String, _ error: Unprintable) { self.init(step, error.description) }
}
