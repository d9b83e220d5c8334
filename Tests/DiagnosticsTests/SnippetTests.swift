import Testing

@testable import Diagnostics

@Suite struct SnippetTests {
  private let file = SourceFile(name: "f", text: "key: 'it''s  \n   here'")

  /// `it's here` with the places of its bytes: the quote is written twice, the break is a blank.
  private var snippet: Snippet {
    Snippet(
      "it's here", span: SourceSpan(file: file, range: 5..<21),
      offsets: [6, 7, 8, 10, 13, 17, 18, 19, 20, 21])
  }

  @Test func `verbatim parts stand where they stand`() {
    let snippet = Snippet(verbatim: SourceSpan(file: file, range: 5..<11))
    #expect(snippet.text == "'it''s")
    #expect(snippet.span(of: 1..<3).range == 6..<8)
    #expect(snippet.span(of: 6..<6).range == 11..<11)
  }

  @Test func `parts point into the file`() {
    #expect(snippet.span(of: 0..<2).text == "it")
    #expect(snippet.span(of: 2..<3).text == "'")
    #expect(snippet.span(of: 5..<9).text == "here")
    #expect(snippet.span(of: 3..<9).range == 10..<21)
    // The end of a part is where its last byte stands, not where the next one does.
    #expect(snippet.span(of: 0..<3).range == 6..<9)
    #expect(snippet.span(of: 9..<9).range == 21..<21)
    #expect(snippet.span(of: 20..<30).range == 21..<21)
  }

  @Test func `without offsets every part is the whole`() {
    let snippet = Snippet("x y", span: SourceSpan(file: file, range: 5..<21))
    #expect(snippet.span(of: 0..<1).range.lowerBound == 5)
    #expect(snippet.span(of: 2..<3).range.lowerBound == 5)
  }

  @Test func `parts of parts keep their places`() {
    let part = snippet.part(5..<9)
    #expect(part.text == "here")
    #expect(part.span(of: 1..<3).range == 18..<20)
    #expect(part.part(2..<4).span(of: 0..<1).range == 19..<20)
    #expect(snippet.part(3..<3).text == "")
    let verbatim = Snippet(verbatim: SourceSpan(file: file, range: 0..<3)).part(1..<3)
    #expect(verbatim.text == "ey")
    #expect(verbatim.span.range == 1..<3)
  }

  @Test func `excerpts are one short line`() {
    func excerpt(_ text: String) -> String {
      Snippet(file: SourceFile(name: "f", text: text)).excerpt
    }
    #expect(excerpt("30d") == "30d")
    #expect(excerpt("a\nb\tc\u{0}d\u{1b}[0m") == "a b c d [0m")
    #expect(excerpt(String(repeating: "x", count: 60)).count == 60)
    let long = excerpt(String(repeating: "x", count: 5000))
    #expect(long.count == 61)
    #expect(long.hasSuffix("x…"))
  }
}
