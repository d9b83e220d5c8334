import Diagnostics
import Expressions
import Foundation
import Testing

@testable import PipelineFiles
@testable import Stages

/// An editor must not mark what Roost reads.
@Suite struct WordPatternTests {
  private static let words: [any Word.Type] = [
    Name.self, StageName.self, ColumnName.self, SourceColumn.self, ConnectionName.self,
    RoleName.self, TableName.self, NamePattern.self, FilePath.self, Phrase.self, Duration.self,
    Share.self, Number.self, Bound.self, Int.self, Bool.self, Cron.self, TimeOfDay.self,
    MailAddress.self,
    TimeZoneName.self, Expression.self, Quantile.self, EntityReference.self,
  ]

  @Test func `a text that is read matches the pattern`() throws {
    for word in Self.words {
      guard let pattern = word.word.pattern else { continue }
      let expression = try NSRegularExpression(pattern: pattern)
      #expect(Self.isRead(word.word.value, by: word), "\(word)")
      var read = 0
      for text in Self.neighbours(of: word.word.value) where Self.isRead(text, by: word) {
        read += 1
        let range = NSRange(text.startIndex..., in: text)
        #expect(
          expression.firstMatch(in: text, range: range) != nil, "\(word) reads '\(text)'")
      }
      #expect(read > 0)
    }
  }

  private static func isRead(_ text: String, by word: any Word.Type) -> Bool {
    (try? word.init(parsing: Snippet(file: SourceFile(name: "", text: text)))) != nil
  }

  /// All texts that differ in one or two characters.
  private static func neighbours(of text: String) -> Set<String> {
    var found: Set<String> = [text]
    for _ in 0..<2 { found.formUnion(found.flatMap(step)) }
    return found
  }

  private static func step(_ text: String) -> [String] {
    let characters = Array(text)
    var found: [String] = []
    for place in 0...characters.count {
      let head = String(characters[..<place])
      let tail = String(characters[place...])
      let rest = String(tail.dropFirst())
      if !tail.isEmpty { found.append(head + rest) }
      for character in "0.-%+=<'\" é_m" {
        found.append(head + String(character) + tail)
        if !tail.isEmpty { found.append(head + String(character) + rest) }
      }
    }
    return found
  }
}
