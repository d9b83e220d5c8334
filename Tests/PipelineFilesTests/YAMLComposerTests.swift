import Diagnostics
import Testing

@testable import PipelineFiles

@Suite struct YAMLComposerTests {
  @Test(arguments: [
    ("a: b", "{a@0..<1: b@3..<4}@0..<4"),
    ("a: 'b''c'", "{a@0..<1: 'b'c'@3..<9}@0..<9"),
    ("a: \"b\\tc\"", "{a@0..<1: 'b\tc'@3..<9}@0..<9"),
    ("a:\n  - b\n  - c\n", "{a@0..<1: [b@7..<8, c@13..<14]@5..<15}@0..<15"),
    ("a: [b, c]", "{a@0..<1: [b@4..<5, c@7..<8]@3..<9}@0..<9"),
    ("{a: b}", "{a@1..<2: b@4..<5}@0..<6"),
    ("a:\nb: ~", "{a@0..<1: @2..<2, b@3..<4: ~@6..<7}@0..<7"),
    ("ä: ö", "{ä@0..<2: ö@4..<6}@0..<6"),
    ("\u{feff}a: b", "{a@3..<4: b@6..<7}@3..<7"),
    ("a: b\r\nc: d\r\n", "{a@0..<1: b@3..<4, c@6..<7: d@9..<10}@0..<12"),
    ("# only\na: b # c", "{a@7..<8: b@10..<11}@7..<15"),
    ("---\na: b\n...\n", "{a@4..<5: b@7..<8}@4..<9"),
    ("[]", "[]@0..<2"), ("{}", "{}@0..<2"), ("word", "word@0..<4"), ("", "-"), ("# x\n", "-"),
    ("\u{feff}", "-"), ("--- ", "@4..<4"),
    ("a: |\n  b\n  c\n", "{a@0..<1: 'b\nc\n'@3..<13}@0..<13"),
    ("a: >-\n  b\n  c\n", "{a@0..<1: 'b c'@3..<14}@0..<14"),
    ("a: &x b\nc: *x", "{a@0..<1: b@6..<7, c@8..<9: b@6..<7}@0..<13"),
    ("a: &x\n  b", "{a@0..<1: b@8..<9}@0..<9"),
    ("a: &x # b\n  b", "{a@0..<1: b@12..<13}@0..<13"),
    ("&x\nb", "b@3..<4"), ("a: &x\nb: c", "{a@0..<1: @5..<5, b@6..<7: c@9..<10}@0..<10"),
    ("a: &x 'b'", "{a@0..<1: 'b'@6..<9}@0..<9"), ("a: &x\t|\n b", "{a@0..<1: 'b'@6..<10}@0..<10"),
    ("a: &x [b]\nc: *x", "{a@0..<1: [b@7..<8]@3..<9, c@10..<11: [b@7..<8]@3..<9}@0..<15"),
    // All duplicates are kept: whoever reads the mapping says so.
    ("a: 1\na: 2\na: 3", "{a@0..<1: 1@3..<4, a@5..<6: 2@8..<9, a@10..<11: 3@13..<14}@0..<14"),
    ("? [a, b]\n: c", "{[a@3..<4, b@6..<7]@2..<8: c@11..<12}@0..<12"),
    ("a: \"x\\0y\"", "{a@0..<1: 'x\0y'@3..<9}@0..<9"),
  ]) func `nodes have their places`(text: String, expected: String) throws {
    let found = sketch(try root(text))
    #expect(found == expected, "\(found)")
  }

  @Test func `no text holds NUL`() throws {
    let report = Report()
    try #require(try root("a: b\nc: [d, \"x\\0y\"]")).refuseNUL(report)
    #expect(
      report.sorted.map(\.message)
        == ["the text holds a NUL (\\0), which no text of Postgres can hold"])
    #expect(report.sorted.first?.span?.start.column == 8)
  }

  @Test func `scalars point into the file`() throws {
    let text = "where: &w 'city = ''x'' ; 1'\nagain: *w\n"
    for key in ["where", "again"] {
      let snippet = try #require(value(key, in: try root(text))?.scalar)
      let at = try #require(snippet.text.utf8.firstIndex(of: UInt8(ascii: ";")))
      let offset = snippet.text.utf8.distance(from: snippet.text.startIndex, to: at)
      #expect(snippet.span(of: offset..<(offset + 1)).text == ";")
    }
  }

  @Test func `only unquoted nothing is null`() throws {
    let node = try root("a:\nb: ~\nc: null\nd: ''\ne: 'null'\nf: no")
    let nulls = ["a", "b", "c", "d", "e", "f"].map { value($0, in: node)?.isNull }
    #expect(nulls == [true, true, true, false, false, false])
  }

  @Test(arguments: [
    ("a: !x = 3", "R0102", 3), ("a: !!int 3", "R0102", 3), ("!x [a]", "R0102", 0),
    ("a: !x\n  b: c", "R0102", 3), ("a: b\n---\nc: d", "R0103", 5), ("a: *b", "R0101", 3),
    ("a: [b", "R0101", 5), ("a:\n\t- b", "R0101", 3), ("a: >= 1000", "R0101", 3),
    ("a: @x", "R0101", 3), ("a: %x", "R0101", 3), ("a: b: c", "R0101", 4), ("a: 'b", "R0101", 3),
    ("a: \"\\q\"", "R0101", 4), ("a: 'b' = c", "R0101", 7), ("- a\nb: c", "R0101", 4),
    ("a: {b: ${T}}", "R0101", 8), ("a: b\0c", "R0101", 4), ("a: \u{7}", "R0101", 3),
    ("a: &x [*x]", "R0101", 7), ("\u{feff}a: @x", "R0101", 6), ("\u{feff}a: \u{7}", "R0101", 6),
  ]) func `refusals point at their place`(text: String, code: String, offset: Int) throws {
    let found = try #require(refusal(text))
    #expect(found.code.rawValue == code)
    #expect(found.span?.range.lowerBound == offset, "\(found.message)")
    #expect(found.help != nil)
  }

  @Test func `an unknown alias suggests the anchor`() {
    #expect(refusal("a: &shop 1\nb: *shpo")?.help == "did you mean 'shop'?")
  }
}
