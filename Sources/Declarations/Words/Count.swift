import Diagnostics

/// A whole number of at least 1: how often, or how many at once.
public struct Count: Word {
  public static let word = WordShape(
    name: "a whole number of at least 1", example: "4", pattern: "^0*[1-9][0-9]*$",
    scalars: [.string, .integer])
  public let value: Int

  public init(_ value: Int) { self.value = max(1, value) }

  public init(parsing snippet: Snippet) throws {
    guard let number = Int(snippet.text), number >= 1, snippet.text.allSatisfy(\.isNumber) else {
      throw WordTrouble(
        "'\(snippet.excerpt)' is not a whole number of at least 1", help: "write it as 4")
    }
    value = number
  }
}
