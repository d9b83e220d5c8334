import Diagnostics
import Frames

/// A length of time: `30d` calendar days, `36h` or `90m` elapsed.
public struct Duration: Word, Hashable, CustomStringConvertible {
  public static let word = WordShape(
    name: "a duration", example: "30d", pattern: "^[0-9]+[dhm]$", scalars: [.string])
  public let span: Span
  public let place: SourceSpan?

  public init(_ span: Span) {
    self.span = span
    place = nil
  }

  public init(parsing snippet: Snippet) throws {
    let text = snippet.text
    if !text.isEmpty, text.allSatisfy(\.isNumber) {
      throw WordTrouble(
        "'\(snippet.excerpt)' has no unit of time",
        help: "write days as 30d, hours as 36h, minutes as 90m")
    }
    guard let unit = text.last, let number = Int(text.dropLast()), number >= 0, number <= 36_500,
      text.dropLast().allSatisfy(\.isNumber)
    else {
      throw WordTrouble(
        "'\(snippet.excerpt)' is not a duration",
        help: "write days as 30d, hours as 36h, minutes as 90m")
    }
    switch unit {
    case "d": span = .days(number)
    case "h": span = .minutes(number * 60)
    case "m": span = .minutes(number)
    default:
      throw WordTrouble(
        "'\(unit)' is not a unit of time",
        range: (text.utf8.count - unit.utf8.count)..<text.utf8.count,
        help: "d are calendar days, h hours, m minutes; a week is 7d")
    }
    place = snippet.span
  }

  public var description: String { span.description }
  public var isZero: Bool { span == .days(0) || span == .minutes(0) }

  public static func == (a: Self, b: Self) -> Bool { a.span == b.span }
  public func hash(into hasher: inout Hasher) { hasher.combine(span) }
}

/// A share: `10%`, or `0.1`.
public struct Share: Word, CustomStringConvertible {
  public static let word = WordShape(
    name: "a share", example: "10%", pattern: "^\(DecimalText.pattern)%?$",
    scalars: [.string, .number])
  /// Between 0 and 1.
  public let fraction: Double
  public let place: SourceSpan?

  public init(_ fraction: Double) {
    self.fraction = fraction
    place = nil
  }

  public init(parsing snippet: Snippet) throws {
    guard let number = DecimalText.percentOrDouble(snippet.text), (0...1).contains(number) else {
      throw WordTrouble("'\(snippet.excerpt)' is not a share between 0% and 100%")
    }
    fraction = number
    place = snippet.span
  }

  public var description: String { PercentText.exact(fraction) }
}

/// A number with digits and at most one point.
public struct Number: Word {
  public static let word = WordShape(
    name: "a number", example: "20", pattern: "^\(DecimalText.pattern)$",
    scalars: [.string, .number])
  public let value: Double
  /// As written.
  public let text: String
  public let span: SourceSpan

  public init(parsing snippet: Snippet) throws {
    guard let number = DecimalText.double(snippet.text) else {
      throw WordTrouble("'\(snippet.excerpt)' is not a number", help: "write it as 20 or 0.5")
    }
    value = number
    text = snippet.text
    span = snippet.span
  }
}

/// A bound to compare with: `>= 1000`, `<= 2%`.
public struct Bound: Word {
  public static let word = WordShape(
    name: "a bound", example: "'>= 0.6'", pattern: "^[ ']*[<>=]=? *\(DecimalText.pattern)%?[ ']*$",
    scalars: [.string])
  public enum Relation: String, Sendable, CaseIterable {
    case atLeast = ">="
    case atMost = "<="
    case above = ">"
    case below = "<"
    case equal = "="
  }
  public let relation: Relation
  public let value: Double
  public let isPercent: Bool
  public let span: SourceSpan
  /// As written.
  public let text: String

  public init(parsing snippet: Snippet) throws {
    let trimmed = snippet.text.drop { $0 == " " || $0 == "'" }
    guard let relation = Relation.allCases.first(where: { trimmed.hasPrefix($0.rawValue) }) else {
      throw WordTrouble(
        "'\(snippet.excerpt)' is not a bound",
        help: "begin with >=, <=, >, < or =, and put it in quotes: \">= 1000\"")
    }
    var digits = trimmed.dropFirst(relation.rawValue.count).drop { $0 == " " }
    while digits.last == " " || digits.last == "'" { digits.removeLast() }
    isPercent = digits.last == "%"
    guard let number = DecimalText.percentOrDouble(String(digits)) else {
      throw WordTrouble(
        "'\(snippet.excerpt)' compares with no number",
        help: "write it as \">= 1000\" or \"<= 2%\"")
    }
    self.relation = relation
    value = number
    span = snippet.span
    text = snippet.text
  }

  public func holds(_ number: Double) -> Bool {
    switch relation {
    case .atLeast: number >= value
    case .atMost: number <= value
    case .above: number > value
    case .below: number < value
    case .equal: number == value
    }
  }
}

extension Int: Word {
  public static let word = WordShape(
    name: "a whole number", example: "5", pattern: "^-?[0-9]+$", scalars: [.string, .integer])

  public init(parsing snippet: Snippet) throws {
    guard let number = Int(snippet.text), snippet.text.allSatisfy({ $0.isNumber || $0 == "-" })
    else {
      throw WordTrouble("'\(snippet.excerpt)' is not a whole number", help: "write it as 5")
    }
    self = number
  }
}

extension Bool: Word {
  public static let word = WordShape(
    name: "true or false", example: "true", pattern: "^(true|false)$", scalars: [.string, .boolean])

  public init(parsing snippet: Snippet) throws {
    switch snippet.text {
    case "true": self = true
    case "false": self = false
    default:
      throw WordTrouble(
        "'\(snippet.excerpt)' is neither true nor false", help: "write true or false")
    }
  }
}

/// Decimal digits with at most one point and a sign, as people write numbers in files.
public enum DecimalText {
  /// What such a number looks like, for editors.
  public static let pattern = #"-?([0-9]+\.?[0-9]*|\.[0-9]+)"#

  /// The nearest finite number; nil where the text is none.
  /// - Parameter shift: a power of ten that the number is multiplied by before it is rounded to
  ///   binary, so that 99.9 with -2 is 0.999 and not the double after it.
  public static func double(_ text: some StringProtocol, shift: Int = 0) -> Double? {
    let body = text.hasPrefix("-") ? text.dropFirst() : text.dropFirst(0)
    guard body.utf8.contains(where: { (0x30...0x39).contains($0) }),
      body.utf8.allSatisfy({ (0x30...0x39).contains($0) || $0 == UInt8(ascii: ".") }),
      body.utf8.count(where: { $0 == UInt8(ascii: ".") }) <= 1,
      let number = Double("\(text)e\(shift)"), number.isFinite
    else { return nil }
    return number
  }

  /// `10%` as 0.1, and other numbers as they are.
  static func percentOrDouble(_ text: String) -> Double? {
    text.hasSuffix("%") ? double(text.dropLast(), shift: -2) : double(text)
  }
}
