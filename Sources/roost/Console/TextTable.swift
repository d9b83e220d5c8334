/// Aligns columns of text: numbers to the right, the rest to the left.
struct TextTable {
  enum Alignment { case left, right }
  let header: [String]
  let alignments: [Alignment]
  var rows: [[String]] = []

  init(_ columns: [(String, Alignment)]) {
    header = columns.map(\.0)
    alignments = columns.map(\.1)
  }

  var lines: [String] {
    let all = [header] + rows
    let widths = header.indices.map { place in all.map { $0[place].count }.max() ?? 0 }
    return all.map { row in
      let cells = row.indices.map { place in
        let padding = String(repeating: " ", count: widths[place] - row[place].count)
        return alignments[place] == .left ? row[place] + padding : padding + row[place]
      }
      var line = cells.joined(separator: "  ")
      while line.last == " " { line.removeLast() }
      return line
    }
  }
}
