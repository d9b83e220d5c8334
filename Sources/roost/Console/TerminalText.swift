/// Text of unknown origin on a terminal.
enum TerminalText {
  /// Columns of a terminal that a text takes: two for East Asian wide characters and emoji, none for
  /// marks that combine with what stands before.
  /// - Parameter limit: of a text that is wider, no more is looked at.
  static func width(_ text: String, upTo limit: Int = .max) -> Int {
    var count = 0
    for byte in text.utf8 {
      if byte >= 0x80 { return widthOfCharacters(text, upTo: limit) }
      count += 1
      if count >= limit { return limit }
    }
    return count
  }

  private static func widthOfCharacters(_ text: String, upTo limit: Int) -> Int {
    var count = 0
    for character in text {
      count += width(character)
      if count >= limit { return limit }
    }
    return count
  }

  /// At most so many columns of a text, the last one an ellipsis where it was cut.
  static func cut(_ text: String, to limit: Int) -> String {
    guard width(text, upTo: limit + 1) > limit else { return text }
    var cut = ""
    var taken = 1
    for character in text {
      taken += width(character)
      if taken > limit { break }
      cut.append(character)
    }
    return cut + "…"
  }

  private static func width(_ character: Character) -> Int {
    guard let first = character.unicodeScalars.first else { return 0 }
    switch first.properties.generalCategory {
    case .nonspacingMark, .enclosingMark, .format: return 0
    default: break
    }
    let isWide =
      first.properties.isEmojiPresentation || wide.contains { $0.contains(first.value) }
      || character.unicodeScalars.contains("\u{fe0f}")
    return isWide ? 2 : 1
  }

  /// Blocks of wide characters (Unicode, UAX #11).
  private static let wide: [ClosedRange<UInt32>] = [
    0x1100...0x115f, 0x2e80...0x303e, 0x3041...0xa4cf, 0xa960...0xa97f, 0xac00...0xd7a3,
    0xf900...0xfaff, 0xfe30...0xfe6f, 0xff00...0xff60, 0xffe0...0xffe6, 0x1f300...0x1f64f,
    0x1f900...0x1f9ff, 0x20000...0x3fffd,
  ]
}
