import Testing

@testable import Diagnostics

@Suite struct TextRendererTests {
  private func rendered(_ text: String, _ range: Range<Int>, help: String? = nil) -> String {
    let file = SourceFile(name: "p.yaml", text: text)
    return TextRenderer().render(
      Diagnostic("R0001", "it is wrong", at: SourceSpan(file: file, range: range), help: help))
  }

  @Test func `points at the word`() {
    #expect(
      rendered("a: 1\nkeep: latst\n", 11..<16, help: "did you mean 'latest'?") == """
        p.yaml:2:7: error[R0001]: it is wrong
          2 | keep: latst
            |       ^^^^^
          help: did you mean 'latest'?

        """)
  }

  @Test func `without a place only says it`() {
    #expect(
      TextRenderer().render(Diagnostic("R0001", .warning, "it is odd", at: nil, help: "look"))
        == "warning[R0001]: it is odd\n  help: look\n")
  }

  @Test func `tabs and control characters are one blank`() {
    #expect(
      rendered("\tkey:\u{1b}[31m\tx", 11..<12) == """
        p.yaml:1:12: error[R0001]: it is wrong
          1 |  key: [31m x
            |            ^

        """)
  }

  @Test func `an empty span has one caret`() {
    #expect(
      rendered("key:\nnext: 1", 4..<4) == """
        p.yaml:1:5: error[R0001]: it is wrong
          1 | key:
            |     ^

        """)
  }

  @Test func `a span over several lines marks the first`() {
    #expect(
      rendered("a: one\r\n   two\n", 3..<14) == """
        p.yaml:1:4: error[R0001]: it is wrong
          1 | a: one
            |    ^^^

        """)
  }

  @Test func `the end of the file is a line`() {
    #expect(
      rendered("a: 1\n", 5..<5) == """
        p.yaml:2:1: error[R0001]: it is wrong
          2 |\u{20}
            | ^

        """)
    #expect(
      rendered("a: [1", 99..<120) == """
        p.yaml:1:6: error[R0001]: it is wrong
          1 | a: [1
            |      ^

        """)
    #expect(
      rendered("", 0..<0) == "p.yaml:1:1: error[R0001]: it is wrong\n  1 | \n    | ^\n")
  }

  @Test func `a byte order mark is not shown`() {
    #expect(
      rendered("\u{feff}nmae: x", 3..<7) == """
        p.yaml:1:1: error[R0001]: it is wrong
          1 | nmae: x
            | ^^^^

        """)
  }

  @Test func `carets stand under multi-byte text`() {
    #expect(
      rendered("größe: straße", 9..<16) == """
        p.yaml:1:8: error[R0001]: it is wrong
          1 | größe: straße
            |        ^^^^^^

        """)
  }

  /// Of a long line 160 columns around the place are shown, and the cuts are marked.
  @Test func `long lines are cut`() throws {
    let line = String(repeating: "abcdefghi ", count: 100)
    for place in [0, 30, 79, 80, 81, 500, 930, 990, 998] {
      let lines = rendered(line, place..<(place + 1)).split(
        separator: "\n", omittingEmptySubsequences: false)
      let source = lines[1].dropFirst("  1 | ".count)
      let caret = lines[2].dropFirst("    | ".count)
      #expect(source.count == 160)
      let column = try #require(caret.firstIndex(of: "^").map { caret[..<$0].count })
      let marked = Array(source)[column]
      #expect(marked == Array(line)[place], "the caret at \(place) points at \(marked)")
      #expect((source.first == "…") == (place > 80))
      #expect((source.last == "…") == (place < 920))
    }
    // Marks end where the excerpt does.
    let wide = rendered(line, 10..<900).split(separator: "\n")
    #expect(wide[2].filter { $0 == "^" }.count == 150)
  }

  @Test func `colours frame the head the caret and the help`() {
    let file = SourceFile(name: "f", text: "x")
    let text = TextRenderer(colours: true).render(
      Diagnostic("R0001", "no", at: file.whole, help: "yes"))
    #expect(
      text
        == "f:1:1: \u{1b}[31;1merror[R0001]\u{1b}[0m: no\n  1 | x\n    | \u{1b}[31;1m^\u{1b}[0m\n"
        + "  \u{1b}[36mhelp:\u{1b}[0m yes\n")
  }
}
