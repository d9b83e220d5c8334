import Diagnostics

/// Five cron fields, or a name such as `@daily`.
public struct Cron: Word {
  public static let word = WordShape(
    name: "a cron line", example: "\"30 2 * * *\"",
    pattern: #"^"?(@[a-z]+|[ \t]*([^ \t]+[ \t]+){4}[^ \t]+[ \t]*)"?$"#, scalars: [.string])
  public let text: String

  public init(parsing snippet: Snippet) throws {
    let bytes = Array(snippet.text.utf8)
    let quotes = bytes.first == UInt8(ascii: "\"") && bytes.last == UInt8(ascii: "\"")
    let line = quotes && bytes.count > 1 ? snippet.part(1..<(bytes.count - 1)) : snippet
    text = line.text
    if text.hasPrefix("@") {
      let names = ["@hourly", "@daily", "@weekly", "@monthly"]
      guard names.contains(text) else {
        throw WordTrouble(
          "'\(line.excerpt)' is not a cron line", help: Suggestion.help(for: text, in: names))
      }
      return
    }
    let words = text.utf8.split(whereSeparator: \.isBlank)
    guard words.count == CronField.all.count else {
      throw WordTrouble(
        "a cron line has five fields, found \(words.count)",
        help: "minute hour day-of-month month weekday, such as \"30 2 * * *\"")
    }
    for (field, word) in zip(CronField.all, words) {
      if let problem = field.problem(in: String(decoding: word, as: UTF8.self)) {
        let start =
          text.utf8.distance(from: text.startIndex, to: word.startIndex)
          + (quotes && bytes.count > 1 ? 1 : 0)
        throw WordTrouble(
          problem, range: start..<(start + word.count),
          help: "\(field.name)s are \(field.range.lowerBound) to \(field.range.upperBound); "
            + "write *, 5, 1-5, 1,3,5 or */10")
      }
    }
  }
}

/// One field of a cron line: its bounds and the names that may stand for numbers.
private struct CronField {
  let name: String
  let range: ClosedRange<Int>
  /// Names from the first number of `firstNamed` on.
  var names: [String] = []
  var firstNamed = 0

  static let all = [
    CronField(name: "minute", range: 0...59),
    CronField(name: "hour", range: 0...23),
    CronField(name: "day", range: 1...31),
    CronField(
      name: "month", range: 1...12,
      names: [
        "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
      ], firstNamed: 1),
    CronField(
      name: "weekday", range: 0...7, names: ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]),
  ]

  /// What is wrong with a field; nil when nothing is.
  func problem(in text: String) -> String? {
    for item in text.split(separator: ",", omittingEmptySubsequences: false) {
      let parts = item.split(separator: "/", omittingEmptySubsequences: false)
      let bounds = parts[0].split(separator: "-", omittingEmptySubsequences: false)
      guard parts.count <= 2, bounds.count <= 2,
        parts.count == 1 || Self.digits(parts[1]).map({ $0 > 0 }) == true
      else { return "'\(item)' says no \(name)" }
      if bounds == ["*"] { continue }
      let numbers = bounds.map(number)
      guard let first = numbers[0], let last = numbers[numbers.count - 1] else {
        return "'\(item)' says no \(name)"
      }
      guard range.contains(first), range.contains(last) else {
        return "there is no \(name) \(range.contains(first) ? last : first)"
      }
      if first > last { return "'\(item)' ends before it begins" }
    }
    return nil
  }

  private func number(_ text: Substring) -> Int? {
    names.firstIndex(of: text.lowercased()).map { $0 + firstNamed } ?? Self.digits(text)
  }

  private static func digits(_ text: Substring) -> Int? {
    text.utf8.allSatisfy { (0x30...0x39).contains($0) } ? Int(text) : nil
  }
}
