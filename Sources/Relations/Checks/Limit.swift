/// What a number is compared with: `>= 1000`, `<= 2%`.
public struct Limit: Sendable, Hashable {
  public enum Comparison: Sendable, Hashable { case atLeast, atMost, above, below, equal }

  public let comparison: Comparison
  public let number: Double
  /// Whether the number is a share of something.
  public let isShare: Bool
  /// As its author wrote it.
  public let text: String

  public init(_ comparison: Comparison, _ number: Double, isShare: Bool, text: String) {
    self.comparison = comparison
    self.number = number
    self.isShare = isShare
    self.text = text
  }

  public func holds(_ found: Double) -> Bool {
    switch comparison {
    case .atLeast: found >= number
    case .atMost: found <= number
    case .above: found > number
    case .below: found < number
    case .equal: found == number
    }
  }
}
