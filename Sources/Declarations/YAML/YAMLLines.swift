import Diagnostics

/// The lines of a file as a person sees their indentation.
struct YAMLLines {
  struct Line {
    /// From 1.
    let number: Int
    let range: Range<Int>
    /// Where the first byte stands that is no blank.
    let content: Int

    var indent: Int { content - range.lowerBound }
    func contains(_ offset: Int) -> Bool { range.contains(offset) || offset == range.upperBound }
  }

  private let bytes: [UInt8]
  let lines: [Line]

  init(_ file: SourceFile) {
    bytes = file.bytes
    var lines: [Line] = []
    var start = bytes.starts(with: [0xef, 0xbb, 0xbf]) ? 3 : 0
    while start <= bytes.count {
      let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) ?? bytes.count
      var content = start
      while content < end, bytes[content].isBlank { content += 1 }
      lines.append(Line(number: lines.count + 1, range: start..<end, content: content))
      start = end + 1
    }
    self.lines = lines
  }

  func line(at offset: Int) -> Line? { lines.first { $0.contains(offset) } }

  /// The first tab in the indentation of a line.
  func tab(indenting line: Line) -> Int? {
    bytes[line.range.lowerBound..<line.content].firstIndex(of: UInt8(ascii: "\t"))
  }

  /// The nearest line above that holds something.
  func above(_ line: Line) -> Line? {
    lines[..<(line.number - 1)].last { !isEmpty($0) }
  }

  private func isEmpty(_ line: Line) -> Bool {
    line.content >= line.range.upperBound || bytes[line.content].isBreak
      || bytes[line.content] == UInt8(ascii: "#")
  }

  /// Whether a key and a colon begin a line, perhaps after a dash.
  func hasKey(_ line: Line) -> Bool { hasColon(bytes[line.content..<line.range.upperBound]) }

  /// Whether a colon that ends a key stands in a line before an offset.
  func hasKey(_ line: Line, before offset: Int) -> Bool {
    hasColon(bytes[line.content..<max(line.content, min(offset, line.range.upperBound))])
  }

  private func hasColon(_ text: ArraySlice<UInt8>) -> Bool {
    text.indices.contains { place in
      text[place] == UInt8(ascii: ":")
        && (place + 1 == text.endIndex || text[place + 1].isBlank || text[place + 1].isBreak)
    }
  }

  /// Where the keys of a line may begin: at its dash, and after it.
  private func depths(_ line: Line) -> [Int] {
    var depths = [line.indent]
    var at = line.content
    while at + 1 < line.range.upperBound, bytes[at] == UInt8(ascii: "-"), bytes[at + 1].isBlank {
      at += 1
      while at < line.range.upperBound, bytes[at].isBlank { at += 1 }
      depths.append(at - line.range.lowerBound)
    }
    return depths
  }

  /// The indentations nearest to that of a line at which keys above it stand that are still open: the
  /// next smaller and the next greater one, each with its line.
  func fitting(_ line: Line) -> [(indent: Int, line: Int)] {
    var open = Int.max
    var greater: (indent: Int, line: Int)?
    for above in lines[..<(line.number - 1)].reversed() where !isEmpty(above) {
      for depth in depths(above).reversed() where depth < open {
        open = depth
        if depth < line.indent {
          return [(depth, above.number)] + (greater.map { [$0] } ?? [])
        }
        if depth > line.indent { greater = (depth, above.number) }
      }
    }
    return greater.map { [$0] } ?? []
  }

  /// The last byte before an offset that is no blank.
  func byte(before offset: Int) -> UInt8? {
    bytes[..<min(offset, bytes.count)].last { !$0.isBlank }
  }
}
