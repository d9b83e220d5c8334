import Diagnostics
import Testing

@testable import Declarations

@Suite struct ScalarOffsetsTests {
  private func offsets(_ text: String, _ style: ScalarStyle) throws -> [Int]? {
    let snippet = try #require(value("k", in: try root(text))?.scalar)
    return ScalarOffsets.offsets(
      of: Array(snippet.text.utf8), in: Array(text.utf8), range: snippet.span.range, style: style)
  }

  @Test func `named cases`() throws {
    #expect(try offsets("k: ab", .plain) == [3, 4, 5])
    #expect(try offsets("k: a\n  b", .plain) == [3, 4, 7, 8])
    #expect(try offsets("k: a\n\n  b", .plain) == [3, 5, 8, 9])
    #expect(try offsets("k: 'a''b'", .singleQuoted) == [4, 5, 7, 8])
    #expect(try offsets("k: \"a\\tb\"", .doubleQuoted) == [4, 5, 7, 8])
    #expect(try offsets("k: \"\\u00e9b\"", .doubleQuoted) == [4, 4, 10, 11])
    #expect(try offsets("k: \"a\\\n  b\"", .doubleQuoted) == [4, 9, 10])
    #expect(try offsets("k: |\n  a\n  b\n", .block) == [7, 8, 11, 12, 13])
    #expect(try offsets("k: >\r\n  a\r\n  b", .block)?.dropLast() == [8, 9, 13])
    #expect(try offsets("k: |2\n    a", .block) == [8, 9, 10, 11])
    #expect(try offsets("k: ''", .singleQuoted) == [3])
  }

  /// Each byte of a value must stand where its offset says: as itself, as the backslash of an
  /// escape, or as a line break that became a blank. Or the walk gave up, which must be rare.
  @Test(arguments: ScalarGenerator.Style.allCases)
  func `offsets point at the bytes`(style: ScalarGenerator.Style) throws {
    var read = 0
    var givenUp = 0
    for seed in 0..<4000 {
      var generator = ScalarGenerator(seed: UInt64(seed))
      let text = generator.document(style)
      guard let document = try? root(text) else { continue }
      let inner = value("outer", in: document) ?? document
      // A block of nothing but kept line breaks has nothing to point at.
      guard let snippet = value("key", in: inner)?.scalar,
        !snippet.text.utf8.allSatisfy(\.isBreak)
      else { continue }
      read += 1
      let scalarStyle: ScalarStyle =
        switch style {
        case .plain: .plain
        case .single: .singleQuoted
        case .double: .doubleQuoted
        case .literal, .folded: .block
        }
      let value = Array(snippet.text.utf8)
      let file = Array(text.utf8)
      let range = snippet.span.range
      guard
        let offsets = ScalarOffsets.offsets(of: value, in: file, range: range, style: scalarStyle)
      else {
        givenUp += 1
        continue
      }
      #expect(offsets.count == value.count + 1)
      #expect(zip(offsets, offsets.dropFirst()).allSatisfy { $0 <= $1 }, "\(text.debugDescription)")
      for (byte, offset) in zip(value, offsets) {
        let found = file.indices.contains(offset) ? file[offset] : 0
        let agrees =
          found == byte || (style == .double && found == UInt8(ascii: "\\"))
          || (found.isBreak && (byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\n")))
          || (offset >= file.count - 1 && byte == UInt8(ascii: "\n"))
        guard agrees, range.contains(offset) || offset == range.upperBound else {
          Issue.record(
            "seed \(seed): \(text.debugDescription) gives \(snippet.text.debugDescription)")
          return
        }
      }
    }
    #expect(read > 2500, "of 4000 documents \(read) could be read")
    #expect(givenUp == 0, "the walk gave up on \(givenUp) of \(read)")
  }
}
