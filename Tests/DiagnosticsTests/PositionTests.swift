import Testing

@testable import Diagnostics

@Suite struct PositionTests {
  private func position(_ text: String, _ offset: Int) -> [Int] {
    let position = SourceFile(name: "f", text: text).position(of: offset)
    return [position.line, position.column]
  }

  @Test func `columns count scalars and lines breaks`() {
    let text = "äö: x\nnext"
    #expect(position(text, 0) == [1, 1])
    #expect(position(text, 2) == [1, 2])
    #expect(position(text, 4) == [1, 3])
    #expect(position(text, 7) == [1, 6])
    #expect(position(text, 8) == [2, 1])
    // 👍🏽 is two scalars of four bytes each.
    #expect(position("👍🏽x", 8) == [1, 3])
  }

  @Test func `carriage returns belong to their line`() {
    #expect(position("a\r\nb\r\n", 3) == [2, 1])
    #expect(position("a\r\nb\r\n", 1) == [1, 2])
    #expect(position("a\r\nb\r\n", 6) == [3, 1])
  }

  /// Editors do not count the mark, so neither do columns.
  @Test func `a byte order mark is no column`() {
    let text = "\u{feff}name: x\nnext"
    #expect(position(text, 0) == [1, 1])
    #expect(position(text, 3) == [1, 1])
    #expect(position(text, 9) == [1, 7])
    #expect(position(text, 11) == [2, 1])
    #expect(SourceFile(name: "f", text: text).whole.text == "name: x\nnext")
  }

  @Test func `offsets outside are the ends`() {
    #expect(position("ab\ncd", 99) == [2, 3])
    #expect(position("ab\ncd", -5) == [1, 1])
    #expect(position("", 0) == [1, 1])
    #expect(position("\n", 1) == [2, 1])
  }

  /// Counting by hand, over texts of all kinds of characters.
  @Test func `positions agree with counting`() {
    let text = "a\n\u{e9}\u{1f600}b\r\n\n\tx\u{301}y\n\u{4e2d}\u{6587}"
    let file = SourceFile(name: "f", text: text)
    var line = 1
    var column = 1
    var offset = 0
    for scalar in text.unicodeScalars {
      #expect(file.position(of: offset) == SourcePosition(line: line, column: column))
      offset += UTF8.width(scalar)
      (line, column) = scalar == "\n" ? (line + 1, 1) : (line, column + 1)
    }
    #expect(file.position(of: offset) == SourcePosition(line: line, column: column))
  }
}
