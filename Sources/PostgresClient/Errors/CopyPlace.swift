/// Where a COPY, or a foreign table over a file, was when an error happened.
struct CopyPlace: Hashable, CustomStringConvertible {
  /// The table that is written, or whose file is read.
  let table: String
  /// The line of the file, or the row that was sent; from 1.
  let line: Int
  let column: String?

  /// What the context of an error says: `COPY t, line 1, column name: "value"`. The value, which may
  /// go over lines of its own, and a whole line, are left out.
  /// - Parameter context: from the innermost call outwards.
  init?(context: String) {
    for line in context.split(separator: "\n") {
      guard
        let match = line.firstMatch(
          of: #/^COPY (.*?), line (\d+)(?:, column ([^:]+))?(?::.*)?$/#),
        let number = Int(match.2)
      else { continue }
      table = String(match.1)
      self.line = number
      column = match.3.map(String.init)
      return
    }
    return nil
  }

  var description: String {
    (column.map { "column \($0), " } ?? "") + "line \(line) of \(table)"
  }
}
