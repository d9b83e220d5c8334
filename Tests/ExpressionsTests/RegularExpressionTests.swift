import Foundation
import Frames
import PostgresClient
import TestSupport
import Testing

@testable import Expressions

@Suite struct RegularExpressionTests {
  /// Random patterns of the subset match the same texts as in Postgres, and find the same places and
  /// groups.
  @Test func `agrees with Postgres`() async throws {
    let base = ProcessInfo.processInfo.environment["ROOST_SEED"].flatMap(UInt64.init) ?? 1
    var random = SeededGenerator(seed: base)
    let texts =
      ["", "A", "_b 1", "ab\nba"]
      + (0..<26).map { _ in
        String(
          (0..<Int.random(in: 1...9, using: &random)).map { _ in
            "aaabbbcA1 _".randomElement(using: &random) ?? "a"
          })
      }
    let patterns = (0..<150).map { _ in Self.pattern(depth: 3, &random) }
    try await withDatabase { database in
      let list = try texts.map { try SQL.literal($0) }.joined(separator: ", ")
      try await database.connection.execute(
        script: "create table texts as select * from unnest(array[\(list)]) with ordinality")
      var compared = 0
      for pattern in patterns {
        let replacement = pattern.contains("(") ? "<\\1|\\2|\\3>" : "<\\&>"
        for flags in ["", "g", "gi"] {
          let ignoresCase = flags.contains("i")
          let regex = try RegularExpression(pattern, ignoresCase: ignoresCase)
          // Where the groups repeat the replacement has the whole match.
          let isGlobal = flags.contains("g")
          var written = replacement
          var replacing = try? regex.replacement(written, isGlobal: isGlobal)
          if replacing == nil {
            written = "<\\&>"
            replacing = try regex.replacement(written, isGlobal: isGlobal)
          }
          let applied = try #require(replacing)
          let rows: [Row]
          do {
            rows = try await database.connection.query(
              """
              select (unnest \(ignoresCase ? "~*" : "~") $1)::text,
                regexp_replace(unnest, $1, $2, $3) from texts order by ordinality
              """, [.text(pattern), .text(written), .text(flags)])
          } catch let error as PostgresError where error.sqlState == "2201B" {
            // Postgres found it too complex.
            continue
          }
          for (text, row) in zip(texts, rows) {
            let utf8 = Array(text.utf8)[...]
            let matches = try row.string(0) == "true"
            let replaced = try row.string(1)
            #expect(regex.matches(utf8) == matches, "\(text) ~ \(pattern) \(flags)")
            #expect(
              String(decoding: applied.apply(to: utf8), as: UTF8.self) == replaced,
              "\(pattern) in \(text) by \(written) \(flags)")
            compared += 1
          }
        }
      }
      #expect(compared > 10_000)
    }
  }

  private static func pattern(depth: Int, _ random: inout SeededGenerator) -> String {
    func atom() -> String {
      let plain = [
        "a", "b", "c", "A", "1", ".", "[ab]", "[^a]", "\\w", "\\s", "\\d", "[[:alpha:]_]",
      ]
      guard depth > 0, Int.random(in: 0..<3, using: &random) == 0 else {
        return plain.randomElement(using: &random) ?? "a"
      }
      let inner = Self.pattern(depth: depth - 1, &random)
      return Bool.random(using: &random) ? "(\(inner))" : "(?:\(inner))"
    }
    func part() -> String {
      if Int.random(in: 0..<12, using: &random) == 0 {
        return ["^", "$", "\\m", "\\M", "\\y", "\\Y"].randomElement(using: &random) ?? "^"
      }
      let quantifiers = ["", "", "", "", "*", "+", "?", "{2}", "{1,2}", "{0,3}", "{2,}"]
      return atom() + (quantifiers.randomElement(using: &random) ?? "")
    }
    let branches = Int.random(in: 0..<4, using: &random) == 0 ? 2 : 1
    return (0..<branches).map { _ in
      (0..<Int.random(in: 1...3, using: &random)).map { _ in part() }.joined()
    }.joined(separator: "|")
  }

  /// The classes hold what they hold in the C library.
  @Test func `classes are those of Postgres`() async throws {
    let last = 0x33ff
    try await withDatabase { database in
      for name in ["alpha", "alnum", "digit", "lower", "upper", "space", "xdigit", "word"] {
        let rows = try await database.connection.query(
          "select n from generate_series(1, \(last)) n where chr(n) ~ '[[:\(name):]]'")
        let theirs = Set(try rows.map { try $0.int("n") })
        let set = try #require(RegexSet.CharacterClass(rawValue: name))
        let different = (1...last).filter { value in
          guard let scalar = Unicode.Scalar(value) else { return false }
          return set.contains(scalar) != theirs.contains(value) && !Self.changed(scalar)
        }
        #expect(different.isEmpty, "\(name)")
      }
    }
  }

  /// Which marks are letters, and which letters lower case, changes with the versions of Unicode.
  private static func changed(_ scalar: Unicode.Scalar) -> Bool {
    (scalar.properties.age?.major ?? 99) > 14 || scalar == "\u{295}"
      || [.nonspacingMark, .modifierLetter].contains(scalar.properties.generalCategory)
  }

  /// What would keep an engine that backtracks busy for years.
  @Test func `hostile texts take little time`() throws {
    let text = Array(String(repeating: "a", count: 5000).utf8)[...]
    for pattern in ["^(a+)+$", "^(a|a)*b", "(a*)*c", "(.*)(.*)(.*)(.*)x"] {
      let regex = try RegularExpression(pattern, ignoresCase: false)
      #expect(regex.matches(text) == (pattern == "^(a+)+$"))
      _ = try regex.replacement("\\&", isGlobal: true).apply(to: text)
    }
  }

  @Test(arguments: [
    ("a.*?b", "quantifiers that take as little as possible are not supported"),
    ("(?=a)", "look-around and options in parentheses are not supported"),
    ("(?i)a", "look-around and options in parentheses are not supported"),
    ("(a)\\1", "the escape \\1 is not supported"), ("\\bword", "the escape \\b is not supported"),
    ("a**", "a quantifier follows another one"),
    ("*a", "a quantifier has nothing before it to repeat"),
    ("a|+", "a quantifier has nothing before it to repeat"),
    ("^*", "a place in the text, such as ^ or $, cannot be repeated"),
    ("(a", "a parenthesis is never closed"), ("a)", "the pattern has a ) without a ("),
    ("[a", "a [ is never closed with ]"), ("[]", "a [ is never closed with ]"),
    ("[z-a]", "a range in brackets runs from a lower to a higher character"),
    ("[[.a.]]", "brackets hold a class that is not supported"),
    ("[[:foo:]]", "brackets hold a class that is not supported"),
    ("[\\D]", "brackets cannot hold a negated class such as \\D"),
    ("a{2,1}", "the count in braces is malformed: write {2}, {2,} or {2,5}"),
    ("a{1000}", "a count in braces is at most 255"),
    ("((a{200}){200}){200}", "the pattern is too large"),
    ("a\\", "the pattern ends in a backslash"),
    ("***=a", "patterns that begin with *** are not supported"),
    (String(repeating: "(", count: 1000), "the pattern is nested more than 50 levels deep"),
  ])
  func refuses(pattern: String, message: String) throws {
    let thrown = try #require(throws: RegexMistake.self) {
      try RegularExpression(pattern, ignoresCase: false)
    }
    #expect(thrown.message == message)
    let said = try mistake(in: "city ~ '\(pattern)'").message
    #expect(said == message)
  }

  /// Random characters that mean something give a pattern or a message.
  @Test func `no pattern traps`() {
    let pieces = "ab(){}[]*+?|^$\\.:=-,012dDswmMyYé"
    var random = SeededGenerator(seed: 7)
    for _ in 0..<5000 {
      let pattern = String(
        (0..<Int.random(in: 1...10, using: &random)).map { _ in
          pieces.randomElement(using: &random) ?? "a"
        })
      guard let regex = try? RegularExpression(pattern, ignoresCase: Bool.random(using: &random))
      else { continue }
      _ = regex.matches(Array("ab1 é".utf8)[...])
      _ = try? regex.replacement("\\1\\2", isGlobal: true).apply(to: Array("ab1 é".utf8)[...])
    }
  }
}
