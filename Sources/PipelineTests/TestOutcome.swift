/// How a test of a pipeline went.
public struct TestOutcome: Sendable {
  /// What does not hold.
  public enum Failure: Sendable {
    /// A stage did not come to its end.
    case stage(String, message: String)
    case count(stage: String, expected: Int, found: Int)
    case rows(stage: String, RowDifference)
  }

  public let file: String
  public let name: String
  public let failures: [Failure]

  public var isPassed: Bool { failures.isEmpty }
}
