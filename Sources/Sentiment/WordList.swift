/// Words of one language, written as lists for each thing that words do.
enum WordList {
  /// Words apart from each other by blanks; `_` stands for a blank in a word.
  static func words(
    _ role: Lexicon.Role, _ list: String
  ) -> [(word: String, role: Lexicon.Role)] {
    list.split { $0 == " " || $0 == "\n" }.flatMap { word in
      spellings(of: String(word).replacing("_", with: " ")).map { ($0, role) }
    }
  }

  /// An apostrophe may be typographic, or left out.
  private static func spellings(of word: String) -> [String] {
    guard word.contains("'") else { return [word] }
    return ["'", "\u{2019}", ""].map { word.replacing("'", with: $0) }
  }
}
