extension ScriptStatement {
  /// Where a clause such as FOR UPDATE locks rows; nil where none does.
  var rowLock: (place: Int, strength: String)? {
    for place in tokens.indices where word(place) == "for" {
      guard let strength = word(place + 1), ["update", "share", "no", "key"].contains(strength),
        !isArgument(place)
      else { continue }
      return (place, strength)
    }
    return nil
  }

  /// Whether a token stands directly between the parentheses of a function whose arguments FOR
  /// separates: `substring(a from 1 for key)`. A query has parentheses of its own.
  private func isArgument(_ place: Int) -> Bool {
    var depth = 0
    for before in tokens[..<place].indices.reversed() {
      if tokens[before].isSymbol(")") { depth += 1 }
      if tokens[before].isSymbol("(") {
        if depth == 0 { return before > 0 && ["substring", "overlay"].contains(word(before - 1)) }
        depth -= 1
      }
    }
    return false
  }
}
