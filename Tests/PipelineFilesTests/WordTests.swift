import Diagnostics
import Expressions
import Frames
import TestSupport
import Testing

@testable import PipelineFiles

@Suite struct WordTests {
  private func word<T: Word>(_ type: T.Type, _ text: String) -> T? {
    try? T(parsing: Snippet(file: SourceFile(name: "f", text: text)))
  }

  @Test(arguments: [
    ("30d", Span.days(30)), ("0d", .days(0)), ("36h", .minutes(36 * 60)), ("90m", .minutes(90)),
    ("036500d", .days(36_500)),
  ]) func durations(text: String, span: Span) { #expect(word(Duration.self, text)?.span == span) }

  @Test(arguments: [
    "", "d", "30", "-1d", "+1d", "1.5d", "30 d", "3w", "36501d", "٣d", "3日", "1e2d",
  ])
  func `no durations`(text: String) { #expect(word(Duration.self, text) == nil) }

  @Test func `the unit is pointed at whole`() throws {
    let report = read(Duration.self, "30日").report
    #expect(report.sorted.first?.span?.text == "日")
  }

  @Test(arguments: [
    ("10%", 0.1), ("0.1", 0.1), ("0%", 0), ("100%", 1), ("99.9%", 0.999), ("0.7%", 0.007), ("1", 1),
    (".5", 0.5),
  ]) func shares(text: String, fraction: Double) {
    #expect(word(Share.self, text)?.fraction == fraction)
  }

  @Test(arguments: ["", "%", "101%", "1.1", "-1%", "10 %", "1e-1", "nan", "ten", "10%%"])
  func `no shares`(text: String) { #expect(word(Share.self, text) == nil) }

  @Test(arguments: [
    (">= 1000", Bound.Relation.atLeast, 1000.0, false), ("<= 2%", .atMost, 0.02, true),
    ("<5", .below, 5, false), ("> -3.5", .above, -3.5, false), ("=  7", .equal, 7, false),
    (">= 99.9%", .atLeast, 0.999, true),
  ]) func bounds(text: String, relation: Bound.Relation, value: Double, isPercent: Bool) throws {
    let bound = try #require(word(Bound.self, text))
    #expect(bound.relation == relation && bound.value == value && bound.isPercent == isPercent)
    #expect(bound.holds(value) == [.atLeast, .atMost, .equal].contains(relation))
    #expect(bound.holds(value + 1) == [.atLeast, .above].contains(relation))
    #expect(bound.holds(value - 1) == [.atMost, .below].contains(relation))
  }

  @Test(arguments: ["", ">=", "1000", ">= many", "=> 5", ">= 1 2", ">= %", "!= 5", ">= 1e3"])
  func `no bounds`(text: String) { #expect(word(Bound.self, text) == nil) }

  @Test(arguments: ["orders", "_x", "größe", "名前2", "a1", String(repeating: "a", count: 63)])
  func names(text: String) { #expect(word(Name.self, text)?.text == text) }

  @Test(arguments: [
    "", "1a", "a b", "a-b", "a.b", "a$", "\"a\"", String(repeating: "a", count: 64),
  ])
  func `no names`(text: String) { #expect(word(Name.self, text) == nil) }

  @Test(arguments: [
    ("shop.orders", "\"shop\".\"orders\""), ("s.a\"b", "\"s\".\"a\"\"b\""), ("S.T", "\"S\".\"T\""),
  ]) func `table names`(text: String, sql: String) {
    #expect(word(TableName.self, text)?.sql == sql)
  }

  @Test(arguments: ["", "orders", "a.b.c", ".b", "a.", ".", "a.b\0"])
  func `no table names`(text: String) { #expect(word(TableName.self, text) == nil) }

  @Test(arguments: [
    ("complaints_*", "complaints_7d", true), ("complaints_*", "complaint", false), ("*", "", true),
    ("a*c", "abc", true), ("a*c", "ac", true), ("a*a", "a", false), ("*b*", "abc", true),
    ("a*b*c", "a_b_b_c", true), ("a*b*c", "acb", false), ("abc", "abc", true),
    ("abc", "abcd", false),
    ("**", "x", true), ("a*", "äb", false),
  ]) func patterns(pattern: String, name: String, matches: Bool) {
    #expect(word(NamePattern.self, pattern)?.matches(name) == matches)
  }

  @Test(arguments: [
    "0 0 * * *", "30 2 * * *", "*/15 0-6,18-23 1,15 jan-MAR 1-5", "0 4 * * sun", "0 4 * * 7",
    "@daily", "5  4 * * *", "0-59/7 * 31 12 0",
  ]) func `cron lines`(text: String) { #expect(word(Cron.self, text)?.text == text) }

  @Test(arguments: [
    "", "* * * *", "* * * * * *", "60 * * * *", "* 24 * * *", "* * 0 * *", "* * 32 * *",
    "* * * 13 * ", "* * * * 8", "*/0 * * * *", "5-1 * * * *", "1,,2 * * * *", "a * * * *", "@never",
    "1-2-3 * * * *", "1/2/3 * * * *", "-1 * * * *", "* * mon * *", "99999999999999999999 * * * *",
  ]) func `no cron lines`(text: String) { #expect(word(Cron.self, text) == nil) }

  @Test(arguments: [("05:00", 300), ("0:00", 0), ("23:59", 1439)])
  func times(text: String, minutes: Int) { #expect(word(TimeOfDay.self, text)?.minutes == minutes) }

  @Test(arguments: ["", "5", "24:00", "5:60", "5:7", "+5:00", "05:00:00", "05:00 am"])
  func `no times`(text: String) { #expect(word(TimeOfDay.self, text) == nil) }

  @Test func numbers() {
    #expect(word(Int.self, "0123") == 123)
    #expect(word(Int.self, "-5") == -5)
    for text in ["", "1.0", "1e3", "+1", "0x10", "1_000", "99999999999999999999", "٣", "-"] {
      #expect(word(Int.self, text) == nil)
    }
    #expect(word(Number.self, "0.5")?.value == 0.5)
    for text in ["", ".", "-", "1.2.3", "1e3", "inf", "nan", "0x1p4", "5\u{301}"] {
      #expect(word(Number.self, text) == nil)
    }
    #expect(word(Number.self, String(repeating: "9", count: 400)) == nil)
    #expect(DecimalText.double("99.9", shift: -2) == 0.999)
  }

  /// Only `true` and `false`: YAML 1.1's `yes`, `no` and `on` mean different things to people.
  @Test func truths() {
    #expect(word(Bool.self, "true") == true)
    #expect(word(Bool.self, "false") == false)
    for text in ["yes", "no", "on", "off", "True", "1", ""] {
      #expect(word(Bool.self, text) == nil)
    }
  }

  /// Whatever stands in a scalar, parsing it ends with a value or a message, and the message does
  /// not quote all of it.
  @Test(arguments: 0..<4) func `any text is taken or refused`(seed: Int) {
    var random = SeededGenerator(seed: UInt64(seed))
    let pieces = [
      "1", "0", "9", "d", "h", "m", "%", ".", "-", "+", ">", "<", "=", " ", ":", "*", "/", ",", "@",
      "a", "é", "\u{301}", "名", "👍🏽", "\0", "\n", "\t", "'", "\"", "$", "{", "}", "\\", "_", "(",
      ")", "and", "sum", "99999999999999999999", "\u{feff}", "\u{202e}", "٣", "½",
    ]
    for round in 0..<1000 {
      var text = ""
      for _ in 0..<Int.random(in: 0..<(round % 100 == 0 ? 3000 : 9), using: &random) {
        text += pieces.randomElement(using: &random) ?? ""
      }
      let file = SourceFile(name: "f", text: text)
      let node = YAMLNode(kind: .scalar(Snippet(file: file), isQuoted: true), span: file.whole)
      let report = Report()
      let reader = Reader(report: report)
      func take<T: Readable>(_ type: T.Type) {
        let before = report.errorCount
        let value = T.read(node, reader)
        if value == nil, report.errorCount == before {
          // Two kinds may say the same words at the same place.
          #expect(before > 0, "\(T.self) refused \(text.debugDescription) without a word")
        }
      }
      take(Duration.self)
      take(Share.self)
      take(Number.self)
      take(Bound.self)
      take(Int.self)
      take(Bool.self)
      take(Name.self)
      take(TableName.self)
      take(NamePattern.self)
      take(FilePath.self)
      take(Phrase.self)
      take(Cron.self)
      take(TimeOfDay.self)
      take(Expression.self)
      if round % 100 == 0 { take(TimeZoneName.self) }
      for diagnostic in report.diagnostics { #expect(diagnostic.message.count < 300) }
      _ = TextRenderer().render(report.sorted)
    }
  }
}
