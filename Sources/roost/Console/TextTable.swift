/// Aligns columns of text: numbers to the right, the rest to the left.
struct TextTable {
  enum Alignment { case left, right }
  /// No column is filled up to more than this, so that one long cell does not lengthen every row.
  private static let widest = 200

  let header: [String]
  let alignments: [Alignment]
  var rows: [[String]] = []

  init(_ columns: [(String, Alignment)]) {
    header = columns.map(\.0)
    alignments = columns.map(\.1)
  }

  /// Columns of a terminal that each column takes, as far as others are filled up to it.
  var widths: [Int] {
    header.indices.map { place in
      ([header] + rows).map { TerminalText.width($0[place], upTo: Self.widest) }.max() ?? 0
    }
  }

  var lines: [String] {
    let widths = widths
    return ([header] + rows).map { row in
      let cells = row.indices.map { place in
        let padding = String(
          repeating: " ",
          count: widths[place] - TerminalText.width(row[place], upTo: Self.widest))
        return alignments[place] == .left ? row[place] + padding : padding + row[place]
      }
      var line = cells.joined(separator: "  ")
      while line.last == " " { line.removeLast() }
      return line
    }
  }
}
