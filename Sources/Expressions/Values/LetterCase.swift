/// Letters in one case as the functions `lower` and `upper` make them.
public enum LetterCase: Sendable {
  case lower, upper

  public func apply(to text: String) -> String {
    String(
      decoding: TextOperations.mapCase(Array(text.utf8)[...], upper: self == .upper),
      as: UTF8.self)
  }
}
