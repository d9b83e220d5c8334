/// Reads the subset of Postgres's regular expressions (ARE) that has one meaning whatever the engine:
/// no backtracking order, no look-around and no references decide about a match.
struct RegexParser {
  private static let maximumDepth = 50
  /// The largest count in braces, as in Postgres.
  private static let maximumCount = 255

  private let pattern: [Unicode.Scalar]
  private var position = 0
  private var depth = 0
  private(set) var groupCount = 0

  init(_ pattern: String) { self.pattern = Array(pattern.unicodeScalars) }

  mutating func parse() throws(RegexMistake) -> RegexNode {
    if pattern.starts(with: "***".unicodeScalars) {
      throw RegexMistake(
        message: "patterns that begin with *** are not supported", help: "leave *** out")
    }
    let node = try choice()
    if peek() != nil { throw RegexMistake(message: "the pattern has a ) without a (") }
    return node
  }

  private func peek(_ ahead: Int = 0) -> Unicode.Scalar? {
    position + ahead < pattern.count ? pattern[position + ahead] : nil
  }

  private mutating func accept(_ scalar: Unicode.Scalar) -> Bool {
    guard peek() == scalar else { return false }
    position += 1
    return true
  }

  private mutating func choice() throws(RegexMistake) -> RegexNode {
    depth += 1
    defer { depth -= 1 }
    if depth > Self.maximumDepth {
      throw RegexMistake(
        message: "the pattern is nested more than \(Self.maximumDepth) levels deep")
    }
    var branches = [try sequence()]
    while accept("|") { branches.append(try sequence()) }
    return branches.count == 1 ? branches[0] : .choice(branches)
  }

  private mutating func sequence() throws(RegexMistake) -> RegexNode {
    var parts: [RegexNode] = []
    while let next = peek(), next != "|", next != ")" {
      let atom = try atom()
      parts.append(try quantified(atom))
    }
    return parts.isEmpty ? .empty : parts.count == 1 ? parts[0] : .sequence(parts)
  }

  // MARK: Quantifiers

  private mutating func quantified(_ atom: RegexNode) throws(RegexMistake) -> RegexNode {
    guard let (minimum, maximum) = try quantifier() else { return atom }
    if case .assertion = atom {
      throw RegexMistake(message: "a place in the text, such as ^ or $, cannot be repeated")
    }
    if peek() == "?" {
      throw RegexMistake(
        message: "quantifiers that take as little as possible are not supported",
        help: "exclude what ends the text instead: <[^>]*> in place of <.*?>")
    }
    let start = position
    if try quantifier() != nil {
      position = start
      throw RegexMistake(message: "a quantifier follows another one")
    }
    return .repetition(atom, minimum: minimum, maximum: maximum)
  }

  private mutating func quantifier() throws(RegexMistake) -> (minimum: Int, maximum: Int?)? {
    if accept("*") { return (0, nil) }
    if accept("+") { return (1, nil) }
    if accept("?") { return (0, 1) }
    // A brace that no digit follows is an ordinary character.
    guard peek() == "{", isDigit(peek(1)) else { return nil }
    position += 1
    let minimum = try count()
    var maximum: Int? = minimum
    if accept(",") { maximum = isDigit(peek()) ? try count() : nil }
    guard accept("}"), maximum.map({ $0 >= minimum }) ?? true else {
      throw RegexMistake(message: "the count in braces is malformed: write {2}, {2,} or {2,5}")
    }
    return (minimum, maximum)
  }

  private func isDigit(_ scalar: Unicode.Scalar?) -> Bool {
    scalar.map { (0x30...0x39).contains($0.value) } ?? false
  }

  private mutating func count() throws(RegexMistake) -> Int {
    var value = 0
    while let digit = peek(), isDigit(digit) {
      value = value * 10 + Int(digit.value - 0x30)
      if value > Self.maximumCount {
        throw RegexMistake(
          message: "a count in braces is at most \(Self.maximumCount)",
          help: "write + or *, and check the length on its own")
      }
      position += 1
    }
    return value
  }

  // MARK: Atoms

  private mutating func atom() throws(RegexMistake) -> RegexNode {
    guard let scalar = peek() else { return .empty }
    if try quantifier() != nil {
      throw RegexMistake(message: "a quantifier has nothing before it to repeat")
    }
    position += 1
    switch scalar {
    case "(": return try group()
    case "[":
      var brackets = RegexBrackets(pattern, position)
      let set = try brackets.parse()
      position = brackets.position
      return .character(set)
    case ".": return .character(.any)
    case "^": return .assertion(.start)
    case "$": return .assertion(.end)
    case "\\": return try escape()
    default: return .character(RegexSet(ranges: [scalar.value...scalar.value]))
    }
  }

  private mutating func group() throws(RegexMistake) -> RegexNode {
    var number: Int?
    if accept("?") {
      guard accept(":") else {
        throw RegexMistake(
          message: "look-around and options in parentheses are not supported",
          help: "to ignore case use ~*, or the flag i of a function")
      }
    } else {
      groupCount += 1
      number = groupCount
    }
    let inner = try choice()
    guard accept(")") else { throw RegexMistake(message: "a parenthesis is never closed") }
    return number.map { .group($0, inner) } ?? .sequence([inner])
  }

  private mutating func escape() throws(RegexMistake) -> RegexNode {
    guard let scalar = peek() else {
      throw RegexMistake(message: "the pattern ends in a backslash")
    }
    position += 1
    switch scalar {
    case "m": return .assertion(.wordStart)
    case "M": return .assertion(.wordEnd)
    case "y": return .assertion(.wordBoundary)
    case "Y": return .assertion(.noWordBoundary)
    case "A": return .assertion(.start)
    case "Z": return .assertion(.end)
    default: return .character(try RegexEscape.set(scalar))
    }
  }
}
