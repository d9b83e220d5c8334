import Diagnostics

/// Which statements may be sent to a source, from which a run only reads.
extension ScriptStatement {
  /// What it does that no SELECT does, and where; nil where it only reads.
  public var writing: (what: String, place: SourceSpan)? {
    let isQuery =
      ["select", "values", "table"].contains(verb) || tokens.first?.isSymbol("(") == true
    guard isQuery, let first = tokens.first else {
      return ("\(verb.isEmpty ? "this" : verb.uppercased()) is no SELECT", head)
    }
    if let lock = rowLock {
      let range = tokens[lock.place].range.lowerBound..<tokens[lock.place + 1].range.upperBound
      return ("FOR \(lock.strength.uppercased()) locks rows", snippet.span(of: range))
    }
    for place in tokens.indices.dropFirst() {
      let before = word(place - 1)
      // A column may have such a name; only WITH has a statement between AS and its parentheses.
      if tokens[place - 1].isSymbol("("), let word = word(place),
        ["insert", "update", "delete", "merge"].contains(word), first != tokens[place],
        ["as", "materialized"].contains(self.word(place - 2))
      {
        return ("\(word.uppercased()) changes rows", snippet.span(of: tokens[place].range))
      }
      if before == "into", verb == "select", depth(at: place) == 0 {
        return ("INTO makes a table", snippet.span(of: tokens[place - 1].range))
      }
    }
    return nil
  }

  private func depth(at place: Int) -> Int {
    tokens[..<place].reduce(0) { $0 + ($1.isSymbol("(") ? 1 : $1.isSymbol(")") ? -1 : 0) }
  }
}
