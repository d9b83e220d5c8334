/// Texts of a plan, such as conditions, as far as they have to be understood.
enum PlanText {
  /// A text without the parentheses around all of it.
  static func bare(_ text: Substring) -> Substring {
    var text = text
    while text.first == "(", text.last == ")", closing(text) == text.utf8.count - 1 {
      text = text.dropFirst().dropLast()
    }
    return text
  }

  /// The parts of a condition that must all hold.
  static func conjuncts(_ condition: String) -> [Substring] {
    let text = bare(condition[...])
    return split(text, at: " AND ").map(bare)
  }

  /// The two sides of `<`, `<=`, `>` or `>=`, where a condition is nothing else.
  static func sides(_ condition: Substring) -> (Substring, Substring)? {
    for comparison in [" < ", " <= ", " > ", " >= "] {
      let sides = split(condition, at: comparison)
      if sides.count == 2 { return (bare(sides[0]), bare(sides[1])) }
    }
    return nil
  }

  /// Whether anything in it is compared by more than equality.
  static func hasInequality(_ text: Substring) -> Bool {
    text.contains(#/ (?:<|<=|>|>=|<>) /#)
  }

  /// The columns that it names behind the name of what they are scanned in.
  static func references(_ text: Substring) -> [(alias: String, column: String)] {
    withoutTexts(text).matches(of: #/(\w+|"(?:[^"]|"")+")\.(\w+|"(?:[^"]|"")+")/#)
      .map { (unquoted($0.1), unquoted($0.2)) }
  }

  /// Whether it names a column, so that it is more than a constant.
  static func namesColumn(_ text: Substring) -> Bool {
    withoutTexts(text)
      .replacing(#/::[a-z_ ]+/#, with: "").replacing(#/EXTRACT\(\w+ FROM/#, with: "(")
      .contains(#/"|\b(?!(?:true|false)\b)[a-z_]\w*(?![\w(])/#)
  }

  /// The column that a text is, be it cast or in another zone; nil where it is more.
  static func column(_ text: Substring) -> String? {
    let match = text.wholeMatch(
      of:
        #/\(*(?:(?:\w+|"(?:[^"]|"")+")\.)?("(?:[^"]|"")+"|\w+)\)*(?:(?:::[a-z ]+| AT TIME ZONE '[^']*'::text)\)*)*/#
    )
    return match.map { unquoted($0.1) }
  }

  /// The last part of a column's name; nil for what is no column.
  static func lastName(_ text: String) -> String? {
    text.wholeMatch(of: #/(?:(?:\w+|"(?:[^"]|"")+")\.)?("(?:[^"]|"")+"|\w+)/#).map {
      unquoted($0.1)
    }
  }

  /// What stands between the parentheses of a call of a function, where a text is nothing else, but maybe
  /// for a filter of an aggregate.
  static func argument(of function: String, in text: String) -> Substring? {
    guard text.hasPrefix("\(function)(") else { return nil }
    let call = text.dropFirst(function.count)
    guard let end = closing(call) else { return nil }
    let place = call.utf8.index(call.startIndex, offsetBy: end)
    let rest = call[call.utf8.index(after: place)...]
    guard rest.isEmpty || rest.hasPrefix(" FILTER (") else { return nil }
    return bare(call[call.utf8.index(after: call.startIndex)..<place])
  }

  private static func withoutTexts(_ text: Substring) -> String {
    String(text.replacing(#/'(?:[^']|'')*'/#, with: "''"))
  }

  private static func unquoted(_ name: Substring) -> String {
    name.hasPrefix("\"")
      ? String(name.dropFirst().dropLast()).replacing("\"\"", with: "\"") : String(name)
  }

  /// Where the parenthesis closes that a text begins with.
  private static func closing(_ text: Substring) -> Int? {
    var end: Int?
    walk(text) { place, byte, depth in
      if end == nil, depth == 0, byte == UInt8(ascii: ")") { end = place }
    }
    return end
  }

  /// Cuts a text at a separator outside parentheses, texts and quoted names.
  private static func split(_ text: Substring, at separator: String) -> [Substring] {
    let bytes = Array(text.utf8)
    let mark = Array(separator.utf8)
    var cuts: [Int] = []
    walk(text) { place, byte, depth in
      if depth == 0, byte == mark[0], bytes[place...].starts(with: mark) { cuts.append(place) }
    }
    var parts: [Substring] = []
    var start = 0
    for end in cuts + [bytes.count] {
      let from = text.utf8.index(text.startIndex, offsetBy: start)
      parts.append(text[from..<text.utf8.index(text.startIndex, offsetBy: end)])
      start = end + mark.count
    }
    return parts
  }

  /// Visits the bytes outside texts and quoted names, each with the parentheses that are open behind it.
  private static func walk(_ text: Substring, _ visit: (Int, UInt8, Int) -> Void) {
    var depth = 0
    var quote: UInt8?
    for (place, byte) in text.utf8.enumerated() {
      if let open = quote {
        if byte == open { quote = nil }
        continue
      }
      switch byte {
      case UInt8(ascii: "'"), UInt8(ascii: "\""): quote = byte
      case UInt8(ascii: "("): depth += 1
      case UInt8(ascii: ")"): depth -= 1
      default: break
      }
      visit(place, byte, depth)
    }
  }
}
