import Diagnostics
import Frames
import Testing

@testable import Expressions

@Suite struct ParserTests {
  @Test(arguments: [
    ("a + b * c", #""a" + ("b" * "c")"#),
    ("not a = b and c or d", #"((not ("a" = "b")) and "c") or "d""#),
    ("a = b is null", #"("a" = "b") is null"#),
    ("a || b = c", #"("a" || "b") = "c""#),
    ("- a::int + 1", #"(- cast("a" as int)) + 1"#),
    ("-1::int2", "- cast(1 as int2)"),
    ("a between 1 + 1 and 3 and b", #"("a" between (1 + 1) and 3) and "b""#),
    ("a - b - c", #"("a" - "b") - "c""#),
    ("a not in (1, -2) is true", #"("a" not in (1, -2)) is true"#),
    ("trim(both 'x' from a)", #"btrim("a", 'x')"#),
    ("Sum(A) FILTER (WHERE b)", #"sum("a") filter (where "b")"#),
    ("scores.\"Odd Name\" <> 'it''s'", #""scores"."Odd Name" <> 'it''s'"#),
    ("case a when 1 then 2 else 3 end", #"case "a" when 1 then 2 else 3 end"#),
    ("extract(year from a)", #"extract("year" from "a")"#),
    ("a ~ 'x' and b !~* 'y'", #"("a" ~ 'x') and ("b" !~* 'y')"#),
    ("a || b ~ 'x'", #"("a" || "b") ~ 'x'"#),
    ("a like '!%' escape '!'", #""a" like '!%' escape '!'"#),
    ("a at time zone 'UTC' - b", #"timezone('UTC', "a") - "b""#),
    ("- a at time zone 'UTC'", #"timezone('UTC', - "a")"#),
    ("position('x' in a)", #"strpos("a", 'x')"#),
    (
      "percentile_cont(0.5) WITHIN GROUP (ORDER BY a ASC) filter (where b)",
      #"percentile_cont(0.5) within group (order by "a") filter (where "b")"#
    ),
    ("date '2024-01-01' - 1", "cast('2024-01-01' as date) - 1"),
  ])
  func `binds and prints as Postgres`(text: String, printed: String) throws {
    #expect(try parse(text).sql == printed)
    // What is printed is read as the same expression.
    #expect(try parse(printed).sql == printed)
  }

  @Test func `knows its columns and aggregates`() throws {
    let expression = try parse("scores.x + x / nullif(count(*) filter (where y), 0)")
    #expect(expression.columnReferences.map(\.key) == ["scores.x", "x", "y"])
    #expect(expression.columnReferences.map(\.span.text) == ["scores.x", "x", "y"])
    #expect(expression.containsAggregate)
    #expect(try !parse("lower(x)").containsAggregate)
  }

  @Test func `deep nesting is refused and long lists are not`() throws {
    let deep = String(repeating: "(", count: 5000) + "1" + String(repeating: ")", count: 5000)
    #expect(try mistake(in: deep).code == .expressionTooDeep)
    let chain = Array(repeating: "1", count: 5000).joined(separator: " + ")
    #expect(try mistake(in: chain).code == .expressionTooDeep)
    #expect(
      try mistake(in: String(repeating: "- ", count: 5000) + "amount").code == .expressionTooDeep)
    #expect(
      try mistake(in: String(repeating: "not ", count: 5000) + "true").code == .expressionTooDeep)
    let long = Array(repeating: "quantity = 1", count: 5000).joined(separator: " or ")
    #expect(try values(of: long) == ["true", "false", "false", "false"])
    let sum = Array(repeating: "amount", count: 90).joined(separator: " + ")
    #expect(try values(of: sum)[0] == "945.00")
  }

  /// Random tokens and bytes give an expression or a message that lies within the text.
  @Test func `no input traps`() throws {
    let pieces = [
      "(", ")", ",", ".", "+", "-", "*", "/", "%", "^", "=", "<>", "<", "||", "::", "and", "or",
      "not", "is", "null", "true", "case", "when", "then", "else", "end", "in", "between", "like",
      "distinct", "from", "cast", "as", "numeric", "int", "amount", "city", "scores.x", "count",
      "sum", "filter", "where", "extract", "trim", "substring", "for", "1", "1.5", "1e400", "'x'",
      "'", "\"", "as_of", "days_since", "interval", "99999999999999999999999999999999999999999",
      "é", "$", "--", "\u{0}", "round", "coalesce", "nullif", "date", "double", "precision",
      "0.000000000000000000000000000000000000000000001", "split_part", "power", "~", "!~*",
      "escape",
      "at", "time", "zone", "within", "group", "order", "by", "mode", "percentile_cont", "position",
      "regexp_replace", "width_bucket", "lpad",
    ]
    var random = SeededGenerator(seed: 42)
    for _ in 0..<20_000 {
      let count = Int.random(in: 1...14, using: &random)
      let text = (0..<count).map { _ in pieces.randomElement(using: &random) ?? "" }
        .joined(separator: Bool.random(using: &random) ? " " : "")
      try survives(text)
    }
    for _ in 0..<5000 {
      let bytes = (0..<Int.random(in: 1...20, using: &random)).map { _ in
        UInt8.random(in: 0...255, using: &random)
      }
      try survives(String(decoding: bytes, as: UTF8.self))
    }
  }

  private func survives(_ text: String) throws {
    let snippet = Snippet(file: SourceFile(name: "fuzz", text: text))
    do {
      let expression = try Expression(parsing: snippet)
      #expect(try parse(expression.sql).sql == expression.sql, "printing \(text)")
      let report = Report()
      if let typed = expression.typed(in: shopSchema, report) {
        _ = try? typed.evaluate(over: shopFrame(), in: context)
      } else {
        #expect(report.hasErrors, "no message for \(text)")
      }
      _ = expression.typedAggregate(in: shopSchema, Report())
    } catch let diagnostic as Diagnostic {
      let range = try #require(diagnostic.span?.range)
      #expect(range.lowerBound >= 0 && range.upperBound <= text.utf8.count)
    }
  }
}
