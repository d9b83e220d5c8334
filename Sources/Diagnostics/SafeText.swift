/// Text of unknown origin on a terminal or in a log: a name or value of a database may hold what a
/// terminal obeys.
public enum SafeText {
  /// The text on one line, with nothing in it that a terminal would obey: line breaks, tabs and other
  /// control characters as they are written in a program.
  public static func line(_ text: String) -> String { escaped(text, keepsLines: false) }

  /// The text with its own line breaks and tabs, and nothing else that a terminal would obey.
  public static func lines(_ text: String) -> String { escaped(text, keepsLines: true) }

  /// JSON with nothing in its strings that a terminal would obey.
  public static func json(_ text: String) -> String {
    guard text.utf8.contains(where: { $0 >= 0x7f }),
      text.unicodeScalars.contains(where: { $0.value >= 0x7f && isObeyed($0) })
    else { return text }
    var escaped = ""
    for scalar in text.unicodeScalars {
      if scalar.value >= 0x7f, isObeyed(scalar) {
        let digits = String(scalar.value, radix: 16)
        escaped += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      } else {
        escaped.unicodeScalars.append(scalar)
      }
    }
    return escaped
  }

  private static func escaped(_ text: String, keepsLines: Bool) -> String {
    func isKept(_ scalar: Unicode.Scalar) -> Bool {
      !isObeyed(scalar) || keepsLines && (scalar == "\n" || scalar == "\t")
    }
    if text.utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7f || keepsLines && $0 == 0x0a }) { return text }
    guard text.unicodeScalars.contains(where: { !isKept($0) }) else { return text }
    var escaped = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case _ where isKept(scalar): escaped.unicodeScalars.append(scalar)
      case "\n": escaped += "\\n"
      case "\r": escaped += "\\r"
      case "\t": escaped += "\\t"
      default: escaped += "\\u{\(String(scalar.value, radix: 16))}"
      }
    }
    return escaped
  }

  /// Control characters, line separators, and what changes the direction of writing.
  private static func isObeyed(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0..<0x20, 0x7f..<0xa0, 0x061c, 0x200e, 0x200f, 0x2028...0x202e, 0x2066...0x2069: true
    default: false
    }
  }
}
