import Diagnostics
import Frames
import Testing

@testable import PipelineFiles

@Suite struct SQLStatementTests {
  private let asOf = Instant(
    microseconds: CivilDate(year: 2026, month: 6, day: 21).days * Instant.microsecondsPerDay)

  private func render(
    _ sql: String,
    _ parameters: [String: String] = ["limit": "5", "city": "O'Hara\\", "größe": "L"]
  ) -> (Snippet?, Report) {
    let report = Report()
    let statement = SQLStatement(Snippet(file: SourceFile(name: "q.sql", text: sql)))
    let values = parameters.mapValues { Snippet(file: SourceFile(name: "p", text: $0)) }
    return (statement.rendered(asOf: asOf, parameters: values, report), report)
  }

  @Test(arguments: [
    ("SELECT :limit", "SELECT '5'"), ("SELECT :limit::int", "SELECT '5'::int"),
    ("SELECT a::int", "SELECT a::int"), ("SELECT :city", "SELECT  E'O''Hara\\\\'"),
    ("SELECT :größe", "SELECT 'L'"), ("SELECT x:limit", "SELECT x'5'"),
    ("SELECT ':limit' || :limit", "SELECT ':limit' || '5'"),
    ("SELECT 'it''s :limit', :limit", "SELECT 'it''s :limit', '5'"),
    ("SELECT E'\\':limit', :limit", "SELECT E'\\':limit', '5'"),
    ("SELECT e'\\':limit'", "SELECT e'\\':limit'"),
    // Only a lone E begins a text with escapes: a type's name before a text does not.
    ("SELECT name'\\', :limit", "SELECT name'\\', '5'"),
    ("SELECT \":limit\" FROM \"a\"\":limit\"", "SELECT \":limit\" FROM \"a\"\":limit\""),
    ("SELECT 1 -- :limit\n, :limit", "SELECT 1 -- :limit\n, '5'"),
    ("SELECT /* :limit /* :x */ :y */ :limit", "SELECT /* :limit /* :x */ :y */ '5'"),
    ("SELECT $$ :limit ' $$, :limit", "SELECT $$ :limit ' $$, '5'"),
    ("SELECT $a$ :limit $$ $a$, :limit", "SELECT $a$ :limit $$ $a$, '5'"),
    ("SELECT a$b$, :limit, c$b$", "SELECT a$b$, '5', c$b$"),
    ("SELECT $1$, :limit", "SELECT $1$, '5'"),
    ("SELECT a[1:2], b[:limit]", "SELECT a[1:2], b['5']"), ("SELECT a := 1", "SELECT a := 1"),
    // A colon behind a value divides the bounds of a slice, whatever parameters there are.
    ("SELECT a[1:limit], a[n:limit]", "SELECT a[1:limit], a[n:limit]"),
    ("SELECT a[f(1):limit], a[(b)[2]:limit]", "SELECT a[f(1):limit], a[(b)[2]:limit]"),
    ("SELECT a[1: :limit], a[:n], a[:n:m]", "SELECT a[1: '5'], a[:n], a[:n:m]"),
    ("SELECT ARRAY[:limit, 1], array [ :limit ]", "SELECT ARRAY['5', 1], array [ '5' ]"),
    ("SELECT 1;", "SELECT 1"), ("SELECT 1 ; -- done\n /* really */ ;\n", "SELECT 1"),
    ("SELECT 1 -- last", "SELECT 1"), ("SELECT 1; SELECT 2;", "SELECT 1; SELECT 2"),
    ("-- first\nSELECT 1", "-- first\nSELECT 1"), ("\u{feff}SELECT 1", "SELECT 1"),
    ("SELECT ';'", "SELECT ';'"), ("", ""), ("-- nothing\n;", ""), ("SELECT 'open", "SELECT 'open"),
    ("SELECT /* open", "SELECT"), ("SELECT $x$ open", "SELECT $x$ open"),
    ("SELECT :as_of", "SELECT timestamptz '2026-06-21 00:00:00+00'"),
  ]) func `renders placeholders`(sql: String, expected: String) {
    let (snippet, report) = render(sql)
    #expect(snippet?.text == expected)
    #expect(report.diagnostics.isEmpty)
  }

  @Test func `empty statements are known`() {
    func isEmpty(_ sql: String) -> Bool {
      SQLStatement(Snippet(file: SourceFile(name: "q.sql", text: sql))).isEmpty
    }
    #expect(isEmpty("") && isEmpty(" ;\n-- x\n") && isEmpty("/* SELECT */"))
    #expect(!isEmpty("SELECT 1") && !isEmpty(":limit"))
  }

  /// Postgres's positions in what is sent lead back to the file.
  @Test func `places lead back to the file`() throws {
    let sql = "SELECT größe, :as_of AS seen,\n  nothing FROM shop.orders -- x\n;"
    let snippet = try #require(render(sql).0)
    func place(of text: String) throws -> String {
      let range = try #require(snippet.text.firstRange(of: text))
      let utf8 = snippet.text.utf8
      let start = utf8.distance(from: utf8.startIndex, to: range.lowerBound)
      let span = snippet.span(of: start..<(start + text.utf8.count))
      return "\(span.start.line):\(span.start.column) \(span.text)"
    }
    #expect(try place(of: "größe") == "1:8 größe")
    #expect(try place(of: "nothing") == "2:3 nothing")
    #expect(try place(of: "AS seen") == "1:22 AS seen")
    // All of a literal stands where its placeholder does.
    #expect(try place(of: "2026-06-21") == "1:15 :")
  }

  @Test func `unknown parameters point into the file`() {
    let (snippet, report) = render("SELECT :limt,\n :limit, :x")
    #expect(snippet == nil)
    #expect(report.sorted.map { $0.span?.text } == [":limt", ":x"])
    #expect(report.sorted.first?.help == "did you mean 'limit'?")
  }

  @Test func `a parameter with NUL is refused`() {
    let (snippet, report) = render("SELECT :bad", ["bad": "a\0b"])
    #expect(snippet == nil)
    #expect(
      report.sorted.map(\.message) == ["the parameter 'bad' holds a NUL, which no statement can"])
  }
}
