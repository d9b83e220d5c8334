import Diagnostics

/// A time of day: `05:00`.
public struct TimeOfDay: Word {
  public static let word = WordShape(
    name: "a time of day", example: "\"05:00\"", pattern: #"^"?[0-9]{1,2}:[0-9]{2}"?$"#,
    scalars: [.string])
  public let minutes: Int

  public init(parsing snippet: Snippet) throws {
    guard let match = snippet.text.wholeMatch(of: /"?([0-9]{1,2}):([0-9]{2})"?/),
      let hour = Int(match.1), let minute = Int(match.2), hour < 24, minute < 60
    else {
      throw WordTrouble(
        "'\(snippet.excerpt)' is not a time of day", help: "write it as \"05:00\"")
    }
    minutes = hour * 60 + minute
  }
}
