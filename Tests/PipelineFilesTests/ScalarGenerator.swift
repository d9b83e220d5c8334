import TestSupport

/// Writes random documents with one scalar each, in every style that YAML has. What the scalar's
/// value is, libYAML says.
struct ScalarGenerator {
  enum Style: CaseIterable { case plain, single, double, literal, folded }

  private var random: SeededGenerator
  private var lineBreak = "\n"

  init(seed: UInt64) { random = SeededGenerator(seed: seed) }

  private mutating func chance(_ one: Int) -> Bool { Int.random(in: 0..<one, using: &random) == 0 }
  private mutating func pick<T>(_ values: [T]) -> T {
    values[Int.random(in: 0..<values.count, using: &random)]
  }

  /// A document `key: SCALAR`, perhaps nested, with a byte order mark, an anchor, or a key behind.
  /// - Parameter isPlain: leaves out the characters that only some readers take as line breaks.
  mutating func document(_ style: Style) -> String {
    lineBreak = pick(["\n", "\r\n", "\n", "\r"])
    let depth = pick([0, 0, 2, 5])
    let margin = String(repeating: " ", count: depth)
    var text = chance(6) ? "\u{feff}" : ""
    if depth > 0 { text += "outer:" + lineBreak }
    text += margin + "key: " + (chance(4) ? "&anchor " : "")
    text += scalar(style, margin)
    if chance(2) { text += lineBreak + margin + "next: x" }
    if chance(2) { text += lineBreak }
    return text
  }

  private mutating func scalar(_ style: Style, _ margin: String) -> String {
    switch style {
    case .plain: flow(margin, pieces: Self.words)
    case .single:
      "'" + flow(margin, pieces: Self.words + ["''", "\"", "#", ": ", " #", "\\"]) + "'"
    case .double:
      "\"" + flow(margin, pieces: Self.words + Self.escapes + ["'", " # ", ": "]) + "\""
    case .literal: block("|", margin)
    case .folded: block(">", margin)
    }
  }

  private static let words = [
    "a", "amount", "x1", "größe", "名前", "👍🏽", "e\u{301}", "city", "= 3", "(b)", "x:y", "it's",
    "a  b", "c\td", "<>",
  ]
  private static let escapes = [
    "\\n", "\\t", "\\\\", "\\\"", "\\/", "\\0", "\\e", "\\ ", "\\x41", "\\xe9", "\\u00e9",
    "\\u4e2d", "\\U0001F600", "\\N", "\\_", "\\L", "\\P",
  ]

  /// Pieces with blanks, folds and blank lines between them.
  private mutating func flow(_ margin: String, pieces: [String]) -> String {
    var text = ""
    let isEscaping = pieces.contains("\\n")
    for place in 0..<Int.random(in: 1...8, using: &random) {
      if place > 0 {
        if isEscaping, chance(6) { text += "\\" + fold(margin) } else { text += gap(margin) }
      }
      text += pick(pieces)
    }
    return text
  }

  private mutating func gap(_ margin: String) -> String {
    switch Int.random(in: 0..<8, using: &random) {
    case 0..<3: " "
    case 3: "  "
    case 4: ""
    case 5: " \t" + fold(margin)
    default: fold(margin)
    }
  }

  private mutating func fold(_ margin: String) -> String {
    var text = lineBreak
    while chance(3) { text += pick(["", " ", margin]) + lineBreak }
    return text + margin + pick([" ", "  ", "      "])
  }

  private mutating func block(_ indicator: String, _ margin: String) -> String {
    let indent = Int.random(in: 1...4, using: &random)
    let says = chance(3)
    var header = indicator
    let chomping = pick(["", "", "-", "+"])
    header +=
      chance(2) ? "\(says ? "\(indent)" : "")\(chomping)" : "\(chomping)\(says ? "\(indent)" : "")"
    if chance(5) { header += " # a comment" }
    var text = header
    for line in 0..<Int.random(in: 1...6, using: &random) {
      text += lineBreak
      if chance(5) {
        text += pick(["", margin, margin + " "])
        continue
      }
      // Only an indicator lets the first line be indented more than the others.
      let extra = (line > 0 || says) && chance(3) ? pick([" ", "   ", "\t"]) : ""
      text += margin + String(repeating: " ", count: indent) + extra
      for piece in 0..<Int.random(in: 1...4, using: &random) {
        text +=
          (piece > 0 ? pick([" ", "  ", "\t", " # "]) : "") + pick(Self.words + ["\\n", "''"])
      }
      if chance(6) { text += pick([" ", "  ", "\t"]) }
    }
    for _ in 0..<pick([0, 0, 1, 3]) { text += lineBreak }
    return text
  }
}
