/// Escapes that stand for characters.
enum RegexEscape {
  static func set(_ scalar: Unicode.Scalar) throws(RegexMistake) -> RegexSet {
    switch scalar {
    case "d": return RegexSet(classes: [.digit])
    case "s": return RegexSet(classes: [.space])
    case "w": return RegexSet(classes: [.word])
    case "D": return RegexSet(classes: [.digit], isNegated: true)
    case "S": return RegexSet(classes: [.space], isNegated: true)
    case "W": return RegexSet(classes: [.word], isNegated: true)
    case "n": return RegexSet(ranges: [10...10])
    case "r": return RegexSet(ranges: [13...13])
    case "t": return RegexSet(ranges: [9...9])
    default: break
    }
    if RegexSet.CharacterClass.isAlphanumeric(scalar) {
      throw RegexMistake(
        message: "the escape \\\(scalar) is not supported",
        help: scalar == "b"
          ? "a word's boundary is \\y; \\m is a word's start and \\M its end"
          : ("1"..."9").contains(scalar) ? "a pattern cannot refer to its own groups" : nil)
    }
    return RegexSet(ranges: [scalar.value...scalar.value])
  }
}

/// `[a-z_]`, after its opening bracket.
struct RegexBrackets {
  private let pattern: [Unicode.Scalar]
  private(set) var position: Int

  init(_ pattern: [Unicode.Scalar], _ position: Int) {
    self.pattern = pattern
    self.position = position
  }

  private static let unclosed = RegexMistake(message: "a [ is never closed with ]")

  private func next() throws(RegexMistake) -> Unicode.Scalar {
    guard position < pattern.count else { throw Self.unclosed }
    return pattern[position]
  }

  mutating func parse() throws(RegexMistake) -> RegexSet {
    var set = RegexSet()
    if try next() == "^" {
      set.isNegated = true
      position += 1
    }
    var isFirst = true
    while try next() != "]" || isFirst {
      isFirst = false
      guard let low = try member(into: &set) else { continue }
      guard try next() == "-", position + 1 < pattern.count, pattern[position + 1] != "]" else {
        set.insert(low)
        continue
      }
      position += 1
      var other = RegexSet()
      guard let high = try member(into: &other), low.value <= high.value else {
        throw RegexMistake(
          message: "a range in brackets runs from a lower to a higher character",
          help: "write the lower one first, as in [a-z]")
      }
      set.ranges.append(low.value...high.value)
    }
    position += 1
    return set
  }

  /// A single character; nil for a class, which is added.
  private mutating func member(into set: inout RegexSet) throws(RegexMistake) -> Unicode.Scalar? {
    let scalar = try next()
    position += 1
    if scalar == "[", let mark = position < pattern.count ? pattern[position] : nil,
      [":", ".", "="].contains(mark)
    {
      return try namedClass(into: &set)
    }
    guard scalar == "\\" else { return scalar }
    let escape = try RegexEscape.set(try next())
    position += 1
    if escape.isNegated {
      throw RegexMistake(message: "brackets cannot hold a negated class such as \\D")
    }
    if !escape.classes.isEmpty {
      set.classes += escape.classes
      return nil
    }
    return escape.ranges.first.flatMap { Unicode.Scalar($0.lowerBound) }
  }

  private mutating func namedClass(into set: inout RegexSet) throws(RegexMistake) -> Unicode.Scalar?
  {
    let rest = pattern[(position + 1)...]
    let name = String(String.UnicodeScalarView(rest.prefix { $0 != ":" }))
    let end = position + 1 + name.unicodeScalars.count
    guard pattern[position] == ":", end + 1 < pattern.count, pattern[end + 1] == "]",
      let known = RegexSet.CharacterClass(rawValue: name)
    else {
      throw RegexMistake(
        message: "brackets hold a class that is not supported",
        help:
          "there are [:alpha:], [:alnum:], [:digit:], [:lower:], [:upper:], [:space:], [:xdigit:]")
    }
    set.classes.append(known)
    position = end + 2
    return nil
  }
}
