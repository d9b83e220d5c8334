/// The parts of a regular expression.
indirect enum RegexNode: Sendable {
  case empty
  case character(RegexSet)
  case assertion(RegexAssertion)
  case sequence([RegexNode])
  case choice([RegexNode])
  /// Nil for `maximum` where there is no limit.
  case repetition(RegexNode, minimum: Int, maximum: Int?)
  /// The n-th pair of capturing parentheses, from 1.
  case group(Int, RegexNode)
}

enum RegexAssertion: Sendable {
  case start, end, wordStart, wordEnd, wordBoundary, noWordBoundary
}

/// Why a regular expression is not taken.
struct RegexMistake: Error {
  let message: String
  var help: String? = #"a \ before a character takes away its meaning"#
}

/// A set of code points.
struct RegexSet: Sendable {
  /// The classes of POSIX, with the members that the C library gives them in a UTF-8 locale.
  enum CharacterClass: String, Sendable {
    case alpha, alnum, digit, lower, space, upper, word, xdigit
  }

  var ranges: [ClosedRange<UInt32>] = []
  var classes: [CharacterClass] = []
  var isNegated = false

  static let any = RegexSet(isNegated: true)

  mutating func insert(_ scalar: Unicode.Scalar) { ranges.append(scalar.value...scalar.value) }

  func contains(_ scalar: Unicode.Scalar) -> Bool {
    let isMember =
      ranges.contains { $0.contains(scalar.value) } || classes.contains { $0.contains(scalar) }
    return isMember != isNegated
  }

  /// The set where case does not count, as Postgres makes it: a single character becomes its lower
  /// and its upper case, a range has those of its members added.
  func ignoringCase() throws(RegexMistake) -> RegexSet {
    var result = RegexSet(
      classes: classes.map { $0 == .lower || $0 == .upper ? .alpha : $0 }, isNegated: isNegated)
    for range in ranges {
      if range.count > 1 { result.ranges.append(range) }
      guard range.count <= 10_000 else {
        throw RegexMistake(message: "a range of that many characters cannot ignore case")
      }
      for scalar in range.compactMap(Unicode.Scalar.init) {
        for upper in [false, true] {
          let other = CaseMapping.map(scalar, upper: upper)
          if range.count == 1 || !range.contains(other.value) { result.insert(other) }
        }
      }
    }
    return result
  }
}

extension RegexSet.CharacterClass {
  func contains(_ scalar: Unicode.Scalar) -> Bool {
    switch self {
    case .digit: Self.isDigit(scalar)
    case .xdigit: Self.isDigit(scalar) || (0x61...0x66).contains(scalar.value | 0x20)
    case .alpha: Self.isLetter(scalar)
    case .alnum: Self.isAlphanumeric(scalar)
    case .word: Self.isWord(scalar)
    case .space: Self.isSpace(scalar)
    case .lower: scalar.properties.isLowercase || Self.isCased(scalar, upper: true)
    case .upper: scalar.properties.isUppercase || Self.isCased(scalar, upper: false)
    }
  }

  private static func isDigit(_ scalar: Unicode.Scalar) -> Bool {
    (0x30...0x39).contains(scalar.value)
  }

  static func isWord(_ scalar: Unicode.Scalar) -> Bool {
    scalar == "_" || isAlphanumeric(scalar)
  }

  static func isAlphanumeric(_ scalar: Unicode.Scalar) -> Bool {
    isDigit(scalar) || isLetter(scalar)
  }

  /// The C library counts the digits of other scripts as letters.
  private static func isLetter(_ scalar: Unicode.Scalar) -> Bool {
    if scalar.isASCII { return (0x61...0x7a).contains(scalar.value | 0x20) }
    return scalar.properties.isAlphabetic || scalar.properties.generalCategory == .decimalNumber
  }

  /// Blanks that do not break a line are none.
  private static func isSpace(_ scalar: Unicode.Scalar) -> Bool {
    if scalar.isASCII { return scalar == " " || (9...13).contains(scalar.value) }
    return scalar.properties.isWhitespace && ![0x85, 0xa0, 0x2007, 0x202f].contains(scalar.value)
  }

  /// Whether a letter has another case: a lower case letter has an upper one.
  private static func isCased(_ scalar: Unicode.Scalar, upper: Bool) -> Bool {
    CaseMapping.map(scalar, upper: upper) != scalar
  }
}
