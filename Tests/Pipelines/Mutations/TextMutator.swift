import TestSupport

/// Changes a text as hurried people, editors, generators and enemies do: by bytes, words, lines and
/// numbers at their limits.
struct TextMutator {
  var random: SeededGenerator

  private static let pieces = [
    "\n", "\t", "  ", ": ", "- ", "[", "]", "{", "}", "'", "\"", "|", ">", "#", "&a ", "*a", "!x ",
    "${horizon}", "${", "~", "<<: ", "---\n", "...\n", "\u{feff}", "é", "\u{301}", "\u{0}", "\r",
    "null", "\\u0000", "\u{202e}", "🐦", "/", ".", "..", "%", "@", "`", "? ",
  ]
  static let numbers = [
    "0", "-0", "-1", "1", "2147483648", "9223372036854775807", "9223372036854775808",
    "-9223372036854775808", "99999999999999999999999999999999999999999", "1e308", "1e400", "1e-400",
    "0.000000000000000000000000000001", ".5", "5.", "0x1f", "NaN", "Infinity", "1_000", "00", "+1",
    "99999999999d", "0d", "-5d", "9223372036854775807d", "106751991167301d", "1e9h", "99999999999m",
    "9223372036854775807h",
    "2562047788015216h", "9223372036854775807s", "'999999-12-31'", "'300000-01-01'::date",
    "'294276-12-31 23:59:59'", "'0000-00-00'",
    "100%", "101%", "-1%", "1e300%", "p0", "p100", "p101", ">= 1e400", "<= -1", "292277026596y",
  ]
  private static let words = [
    "(", ")", ",", "+", "-", "*", "/", "%", "^", "||", "::", "::numeric(1000,999)", "::date", "[1]",
    "[99999999999]", "and", "or", "not", "is null", "is not distinct from", "between", "in (",
    "like",
    "case when", "end", "filter (where", "over", "distinct", "count(*)", "sum(amount)", "avg(",
    "min(",
    "days_since(", "nullif(", "coalesce(", "substring(", "repeat('x', 999999999)", "left(", "lpad(",
    "regexp_replace(", "'(a*)*b'", "''", "'", "now()", "interval '1 month'",
    "timestamp '294277-01-01'",
    "date '4714-11-24 BC'", "true", "false", "null", "-9223372036854775808", "1/0", "%", "$1",
    "E'\\x'",
    "U&'\\d800'", ":as_of", "round(1.5, 2147483647)", "power(10, 400)", "to_char(",
    "extract(epoch from",
    "age(", "at time zone", "mod(-9223372036854775808, -1)", "abs(-9223372036854775808)", "array[",
    "any(",
  ]

  init(seed: Int) { random = SeededGenerator(seed: UInt64(bitPattern: Int64(seed))) }

  mutating func number(below limit: Int) -> Int {
    Int.random(in: 0..<max(1, limit), using: &random)
  }

  mutating func any<T>(of list: [T]) -> T { list[number(below: list.count)] }

  mutating func mutate(_ text: [UInt8]) -> [UInt8] {
    var text = text
    for _ in 0...number(below: 4) {
      guard !text.isEmpty else { return text }
      switch number(below: 12) {
      case 0...1: bytes(&text)
      case 2...3: lines(&text)
      case 4...5: replaceNumber(&text)
      case 6...8: replaceWord(&text)
      case 9: swapValues(&text)
      case 10: nest(&text)
      default: alias(&text)
      }
    }
    return text
  }

  private mutating func bytes(_ text: inout [UInt8]) {
    let at = number(below: text.count)
    let end = min(text.count, at + 1 + number(below: 30))
    switch number(below: 5) {
    case 0: text[at] = UInt8(number(below: 256))
    case 1: text.removeSubrange(at..<end)
    case 2: text.insert(contentsOf: text[at..<end], at: number(below: text.count))
    case 3: text.insert(contentsOf: any(of: Self.pieces).utf8, at: at)
    default: text.replaceSubrange(at..<end, with: any(of: Self.pieces).utf8)
    }
  }

  /// Removes, doubles, moves or indents lines.
  private mutating func lines(_ text: inout [UInt8]) {
    var lines = text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    let at = number(below: lines.count)
    let end = min(lines.count, at + 1 + number(below: 6))
    let part = lines[at..<end]
    switch number(below: 4) {
    case 0: lines.removeSubrange(at..<end)
    case 1: lines.insert(contentsOf: part, at: number(below: lines.count))
    case 2:
      lines.removeSubrange(at..<end)
      lines.insert(contentsOf: part, at: number(below: lines.count + 1))
    default:
      let blanks = [UInt8](repeating: UInt8(ascii: " "), count: 1 + number(below: 4))
      for place in at..<end { lines[place] = (blanks + lines[place])[...] }
    }
    text = Array(lines.joined(separator: [UInt8(ascii: "\n")]))
  }

  /// The ranges of words: runs of letters, digits and the like.
  private func words(of text: [UInt8], _ belongs: (UInt8) -> Bool) -> [Range<Int>] {
    var found: [Range<Int>] = []
    var start: Int?
    for place in 0...text.count {
      let isPart = place < text.count && belongs(text[place])
      if isPart, start == nil { start = place }
      if !isPart, let from = start {
        found.append(from..<place)
        start = nil
      }
    }
    return found
  }

  private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }

  private static func isWord(_ byte: UInt8) -> Bool {
    isDigit(byte) || (0x41...0x5a).contains(byte) || (0x61...0x7a).contains(byte) || byte == 0x5f
  }

  private mutating func replaceNumber(_ text: inout [UInt8]) {
    let found = words(of: text) { Self.isDigit($0) || $0 == UInt8(ascii: ".") }
    guard !found.isEmpty else { return }
    text.replaceSubrange(any(of: found), with: any(of: Self.numbers).utf8)
  }

  /// Replaces a word by another of the text, or by one of an expression.
  private mutating func replaceWord(_ text: inout [UInt8]) {
    let found = words(of: text, Self.isWord)
    guard !found.isEmpty else { return }
    let place = any(of: found)
    switch number(below: 3) {
    case 0: text.replaceSubrange(place, with: Array(text[any(of: found)]))
    case 1: text.replaceSubrange(place, with: any(of: Self.words).utf8)
    default: text.insert(contentsOf: (" " + any(of: Self.words) + " ").utf8, at: place.upperBound)
    }
  }

  /// Exchanges what stands behind the colons of two lines: keys get values of others.
  private mutating func swapValues(_ text: inout [UInt8]) {
    var lines = text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    let keyed = lines.indices.filter { lines[$0].contains(UInt8(ascii: ":")) }
    guard keyed.count > 1 else { return }
    let (one, other) = (any(of: keyed), any(of: keyed))
    func parts(_ line: ArraySlice<UInt8>) -> (ArraySlice<UInt8>, ArraySlice<UInt8>) {
      let colon = line.firstIndex(of: UInt8(ascii: ":")) ?? line.startIndex
      return (line[...colon], line[(colon + 1)...])
    }
    let (first, second) = (parts(lines[one]), parts(lines[other]))
    lines[one] = first.0 + second.1
    lines[other] = second.0 + first.1
    text = Array(lines.joined(separator: [UInt8(ascii: "\n")]))
  }

  /// Puts something deep or long where a word stood.
  private mutating func nest(_ text: inout [UInt8]) {
    let found = words(of: text, Self.isWord)
    guard !found.isEmpty else { return }
    let count = any(of: [3, 50, 500, 20_000])
    let (open, close) = any(of: [
      ("[", "]"), ("{a: ", "}"), ("(", ")"), ("not ", ""), ("- ", ""), ("-", ""), ("x", ""),
      ("case when true then ", " end"),
      ("coalesce(", ")"), ("1 + ", ""), ("a.", ""), ("\"", "\""), ("[a, ", "]"),
    ])
    let piece = String(repeating: open, count: count) + "1" + String(repeating: close, count: count)
    text.replaceSubrange(any(of: found), with: piece.utf8)
  }

  /// An anchor at one word, an alias at others.
  private mutating func alias(_ text: inout [UInt8]) {
    let found = words(of: text, Self.isWord)
    guard found.count > 2 else { return }
    let anchor = any(of: found)
    for _ in 0...number(below: 3) {
      let later = found.filter { $0.lowerBound > anchor.upperBound }
      guard !later.isEmpty else { break }
      let place = any(of: later)
      guard place.upperBound <= text.count else { break }
      text.replaceSubrange(place, with: "*a".utf8)
    }
    guard anchor.lowerBound <= text.count else { return }
    text.insert(contentsOf: "&a ".utf8, at: anchor.lowerBound)
  }
}
