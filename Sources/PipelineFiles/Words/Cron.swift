import Diagnostics
import Frames

/// Five cron fields, or a name such as `@daily`.
public struct Cron: Word {
  public static let word = WordShape(
    name: "a cron line", example: "\"30 2 * * *\"",
    pattern: #"^"?(@[a-z]+|[ \t]*([^ \t]+[ \t]+){4}[^ \t]+[ \t]*)"?$"#, scalars: [.string])

  /// What the names stand for.
  private static let names = [
    "@hourly": "0 * * * *", "@daily": "0 0 * * *", "@midnight": "0 0 * * *",
    "@weekly": "0 0 * * 0", "@monthly": "0 0 1 * *", "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
  ]

  /// As written.
  public let text: String
  public let span: SourceSpan
  let minutes: CronField
  let hours: CronField
  let days: CronField
  let months: CronField
  let weekdays: CronField

  public init(parsing snippet: Snippet) throws {
    let bytes = Array(snippet.text.utf8)
    let quotes =
      bytes.count > 1 && bytes.first == UInt8(ascii: "\"") && bytes.last == UInt8(ascii: "\"")
    let line = quotes ? snippet.part(1..<(bytes.count - 1)) : snippet
    text = line.text
    span = snippet.span
    var fields = line.text
    if text.hasPrefix("@") {
      guard let meant = Self.names[text] else {
        throw WordTrouble(
          "'\(line.excerpt)' is not a cron line",
          help: Suggestion.help(for: text, in: Self.names.keys.sorted()))
      }
      fields = meant
    }
    let words = fields.utf8.split(whereSeparator: \.isBlank)
    guard words.count == 5 else {
      throw WordTrouble(
        "a cron line has five fields, found \(words.count)",
        help: "minute hour day-of-month month weekday, such as \"30 2 * * *\"")
    }
    func field(_ place: Int, _ unit: CronUnit) throws -> CronField {
      let word = words[place]
      do {
        return try CronField(parsing: String(decoding: word, as: UTF8.self), unit)
      } catch let problem as CronField.Problem {
        let start =
          fields.utf8.distance(from: fields.startIndex, to: word.startIndex) + (quotes ? 1 : 0)
        throw WordTrouble(
          problem.message, range: start..<(start + word.count),
          help: "\(unit.name)s are \(unit.range.lowerBound) to \(unit.range.upperBound); "
            + "write *, 5, 1-5, 1,3,5 or */10")
      }
    }
    minutes = try field(0, .minute)
    hours = try field(1, .hour)
    days = try field(2, .day)
    months = try field(3, .month)
    weekdays = try field(4, .weekday)
    guard comesEver else {
      throw WordTrouble(
        "'\(line.excerpt)' is never due: no month that it names has such a day",
        help: "the longest February has 29 days; April, June, September and November have 30")
    }
  }

  /// Whether it is due on a day. Where day of month and weekday both say something, either is enough;
  /// one that begins with `*` says nothing of its own, as in Vixie's cron.
  func matches(_ day: CivilDate) -> Bool {
    let (_, month, date) = day.components
    guard months.contains(month) else { return false }
    // 2000-01-01 was a Saturday.
    let weekday = Int((day.days + 6) - (day.days + 6).flooredDivision(by: 7) * 7)
    let (onDate, onWeekday) = (days.contains(date), weekdays.contains(weekday))
    return days.beginsWithStar || weekdays.beginsWithStar
      ? onDate && onWeekday : onDate || onWeekday
  }

  /// Whether any date matches. A date that exists falls on every weekday in some year.
  private var comesEver: Bool {
    if !days.beginsWithStar, !weekdays.beginsWithStar { return true }
    let lengths = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
    return (1...12).contains { month in
      months.contains(month) && (1...lengths[month - 1]).contains { days.contains($0) }
    }
  }
}
