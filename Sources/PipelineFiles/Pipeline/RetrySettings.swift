/// How a stage is tried again that failed for a reason that can pass.
public struct RetrySettings: Record {
  public static let about =
    "How a stage is tried again that failed for a reason that can pass, such as a lost connection."
  public let attempts: Int
  public let delay: Elapsed
  public let longest: Elapsed

  public init(_ keys: inout Keys) {
    let attempts: Count = keys(
      "attempts", "How often it is tried in all; 1 for once.", default: Count(3), shown: "3")
    self.attempts = attempts.value
    delay = keys(
      "delay", "The first pause; each further one is twice as long, and all are cut at random.",
      default: Elapsed(.seconds(2), "2s"), shown: "2s")
    longest = keys(
      "longest", "The longest pause.", default: Elapsed(.seconds(300), "5m"), shown: "5m")
  }

  /// Where a pipeline says nothing.
  public static var preset: RetrySettings { blank }
}
