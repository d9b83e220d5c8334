import Frames

/// A regular expression of the subset of Postgres's that the reference describes.
struct RegularExpression: Sendable {
  private let root: RegexNode
  private let program: RegexProgram
  private let ignoresCase: Bool

  init(_ pattern: String, ignoresCase: Bool) throws(RegexMistake) {
    var parser = RegexParser(pattern)
    root = try parser.parse()
    self.ignoresCase = ignoresCase
    program = try RegexProgram(root, ignoresCase: ignoresCase)
  }

  func matches(_ text: ArraySlice<UInt8>) -> Bool {
    RegexText(text).search(program, from: 0, anyWillDo: true) != nil
  }

  /// What puts a text in the place of matches: of all of them, or of the first.
  struct Replacement: Sendable {
    fileprivate enum Part: Sendable {
      case text([Unicode.Scalar])
      case match
      case group(Int)
    }

    fileprivate let regex: RegularExpression
    fileprivate let parts: [Part]
    fileprivate let groups: RegexGroups
    fileprivate let isGlobal: Bool
  }

  /// In a replacement `\&` is the whole match and `\1` to `\9` are its groups.
  func replacement(_ text: String, isGlobal: Bool) throws(RegexMistake) -> Replacement {
    var parts: [Replacement.Part] = []
    var plain: [Unicode.Scalar] = []
    var scalars = Array(text.unicodeScalars)[...]
    while let scalar = scalars.popFirst() {
      guard scalar == "\\", let next = scalars.first else {
        plain.append(scalar)
        continue
      }
      switch next {
      case "\\": plain.append("\\")
      case "&", "1"..."9":
        parts.append(.text(plain))
        plain = []
        parts.append(next == "&" ? .match : .group(Int(next.value - 0x30)))
      default:
        plain.append("\\")
        continue
      }
      scalars.removeFirst()
    }
    parts.append(.text(plain))
    let repeated = root.repeatedGroups
    var refersToGroups = false
    for case .group(let number) in parts {
      refersToGroups = true
      if repeated.contains(number) {
        throw RegexMistake(
          message: "the replacement refers to group \(number), which repeats",
          help: "put what repeats into the group: ((?:ab)*) in place of (ab)*")
      }
    }
    return Replacement(
      regex: self, parts: parts,
      groups: refersToGroups ? try RegexGroups(root, ignoresCase: ignoresCase) : .none,
      isGlobal: isGlobal)
  }
}

extension RegularExpression.Replacement {
  /// The text with its matches replaced; after an empty match the search goes on one character later.
  func apply(to utf8: ArraySlice<UInt8>) -> [UInt8] {
    let text = RegexText(utf8)
    var result = String.UnicodeScalarView()
    var copied = 0
    var start = 0
    while start <= text.scalars.count, let match = text.search(regex.program, from: start) {
      result.append(contentsOf: text.scalars[copied..<match.lowerBound])
      append(match, of: text, to: &result)
      copied = match.upperBound
      start = match.isEmpty ? copied + 1 : copied
      if !isGlobal { break }
    }
    result.append(contentsOf: text.scalars[copied...])
    return Array(String(result).utf8)
  }

  private func append(
    _ match: Range<Int>, of text: RegexText, to result: inout String.UnicodeScalarView
  ) {
    var places: [Int: Range<Int>] = [:]
    groups.locate(in: text, match, into: &places)
    for part in parts {
      switch part {
      case .text(let scalars): result.append(contentsOf: scalars)
      case .match: result.append(contentsOf: text.scalars[match])
      case .group(let number):
        if let range = places[number] { result.append(contentsOf: text.scalars[range]) }
      }
    }
  }
}

extension Kernel {
  /// `~` and its kin.
  static func matches(_ regex: RegularExpression, isNegated: Bool) -> Kernel {
    .infallible { arguments, call in
      call.textMap([arguments[0]], to: .bool, ColumnValues.bool, placeholder: false) {
        regex.matches($0.text(0)) != isNegated
      }
    }
  }
}
