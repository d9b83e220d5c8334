import Diagnostics

/// A length of time as a clock measures it: `10s`, `5m`, `2h`.
public struct Elapsed: Word, CustomStringConvertible {
  public static let word = WordShape(
    name: "an elapsed time", example: "30m", pattern: "^[0-9]+[smh]$", scalars: [.string])
  public let duration: Swift.Duration
  public let description: String

  /// - Parameter text: as it would be written.
  package init(_ duration: Swift.Duration, _ text: String) {
    self.duration = duration
    description = text
  }

  public init(parsing snippet: Snippet) throws {
    let text = snippet.text
    let units = ["s": 1, "m": 60, "h": 3600]
    guard let unit = text.last.flatMap({ units[String($0)] }), let number = Int(text.dropLast()),
      text.dropLast().allSatisfy(\.isNumber), (1...360_000).contains(number),
      (1...360_000).contains(number * unit)
    else {
      throw WordTrouble(
        "'\(snippet.excerpt)' is not an elapsed time",
        help: "write seconds as 30s, minutes as 5m, hours as 2h, up to 100h")
    }
    self.init(.seconds(number * unit), text)
  }
}

/// An amount of memory: `8GB`, `500MB`.
public struct MemorySize: Word, CustomStringConvertible {
  public static let word = WordShape(
    name: "an amount of memory", example: "8GB", pattern: "^[0-9]+(MB|GB)$", scalars: [.string])
  public let bytes: Int
  public let description: String

  public init(parsing snippet: Snippet) throws {
    let units = ["MB": 1 << 20, "GB": 1 << 30]
    guard let unit = units[String(snippet.text.suffix(2))],
      let number = Int(snippet.text.dropLast(2)), snippet.text.dropLast(2).allSatisfy(\.isNumber),
      (1...1_000_000).contains(number)
    else {
      throw WordTrouble(
        "'\(snippet.excerpt)' is not an amount of memory", help: "write it as 8GB or 500MB")
    }
    bytes = number * unit
    description = snippet.text
  }
}
