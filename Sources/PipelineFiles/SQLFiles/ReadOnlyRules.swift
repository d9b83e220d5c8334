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
    for place in tokens.indices.dropFirst() {
      let before = word(place - 1)
      if tokens[place - 1].isSymbol("("), let word = word(place),
        ["insert", "update", "delete", "merge"].contains(word), first != tokens[place]
      {
        return ("\(word.uppercased()) changes rows", snippet.span(of: tokens[place].range))
      }
      if before == "for", let word = word(place), ["update", "share", "no", "key"].contains(word) {
        return (
          "FOR \(word.uppercased()) locks rows",
          snippet.span(of: tokens[place - 1].range.lowerBound..<tokens[place].range.upperBound)
        )
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
