import Diagnostics
import Frames
import Testing

@testable import Expressions

@Suite struct MessageTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let text: String
    /// What the message points at.
    let place: String
    let message: String
    let help: String?
    var aggregate = false

    init(
      _ text: String, _ place: String, _ message: String, help: String? = nil,
      aggregate: Bool = false
    ) {
      self.text = text
      self.place = place
      self.message = message
      self.help = help
      self.aggregate = aggregate
    }

    var testDescription: String { text }
  }

  @Test(arguments: [
    Case("amount == 1", "==", "'==' is not used in SQL expressions", help: "use = to compare"),
    Case("amount > ", "", "the end of the expression is unexpected: a value should stand here"),
    Case(
      "(amount", "",
      "the end of the expression is unexpected: ')' is missing to close the parenthesis"),
    Case(
      "status = 'paid", "'paid", "the text that begins here has no closing '",
      help: "close it with '; a ' inside is written twice"),
    Case("amount 5", "5", "'5' is unexpected: the expression should end here"),
    Case(
      "1 < amount < 3", "<", "'<' is unexpected: comparisons do not chain",
      help: "write a < b and b < c, or use parentheses"),
    Case("", "", "the expression is empty"),
    Case(
      "city in (select 1)", "select", "queries inside of expressions are not supported",
      help: "join the other input in a stage of its own"),
    Case("amuont < 0", "amuont", "there is no column 'amuont'", help: "did you mean 'amount'?"),
    Case(
      "status = \"cancelled by the customer\"", "\"cancelled by the customer\"",
      "there is no column 'cancelled by the customer'",
      help: "double quotes name a column: use single quotes for a text"),
    Case("lowr(city)", "lowr", "there is no function 'lowr'", help: "did you mean 'lower'?"),
    Case(
      "now()", "now", "there is no function 'now'",
      help: "use as_of for the instant that the run is for"),
    Case(
      "count(*) > 0", "count(*)",
      "the aggregate count stands where a value of one row is wanted",
      help: "aggregates are for features; compute one there, then use its column"),
    Case(
      "sum(amount) + discount", "discount",
      "the column 'discount' stands outside of an aggregate",
      help: "there are several rows for each result: write max(discount), for example",
      aggregate: true),
    Case(
      "sum(sum(amount))", "sum(amount)",
      "the aggregate sum stands where a value of one row is wanted",
      help: "aggregates are for features; compute one there, then use its column", aggregate: true),
    Case("sum(city)", "sum(city)", "sum does not work on text", aggregate: true),
    Case(
      "city + 'x'", "city + 'x'", "the operator + does not work on text and text",
      help: "texts are joined with ||"),
    Case(
      "city > 3", "city > 3", "the operator > does not work on text and integer",
      help: "cast the text, for example with ::integer"),
    Case(
      "amount and true", "amount", "a condition must be true or false, found numeric(12,2)",
      help: "compare it with something"),
    Case(
      "ordered_at >= '2024-13-01'", "'2024-13-01'",
      "the text is no value of type timestamp with time zone",
      help: "times are written '2024-03-31 10:00:00', with an offset such as +08 if they have one"),
    Case(
      "born = 'today'", "'today'", "the text is no value of type date",
      help: "use as_of for the instant that the run is for"),
    Case(
      "round(scores.churn_probability, 2)", "round(scores.churn_probability, 2)",
      "there is no round(double precision, integer)",
      help: "round to places works on numeric with a literal number of places: "
        + "round(x::numeric(12,2), 2)"),
    Case("amount::strng", "strng", "there is no type 'strng'"),
    Case("born::boolean", "born::boolean", "date cannot be cast to boolean"),
    Case(
      "case when true then 1 else 'x' end", "'x'", "the text is no value of type integer",
      help: "write the number without quotes"),
    Case(
      "coalesce(amount, city)", "city", "coalesce has values of types numeric(12,2) and text",
      help: "cast one of them"),
    Case(
      "city ~ status", "status", "the pattern of ~ is no quoted text",
      help: "a pattern is read when the pipeline is checked, so it stands there literally"),
    Case(
      "city !~* '(a'", "'(a'", "a parenthesis is never closed"),
    Case("amount ~ 'x'", "amount ~ 'x'", "the operator ~ does not work on numeric(12,2) and text"),
    Case(
      "city ~ '<.*?>'", "'<.*?>'",
      "quantifiers that take as little as possible are not supported",
      help: "exclude what ends the text instead: <[^>]*> in place of <.*?>"),
    Case(
      #"regexp_replace(city, '(ab)*', '\1')"#, #"'\1'"#,
      "the replacement refers to group 1, which repeats",
      help: "put what repeats into the group: ((?:ab)*) in place of (ab)*"),
    Case(
      "regexp_replace(city, 'a', 'b', 'x')", "'x'", "there are only the flags g and i"),
    Case(
      "regexp_replace(city, status, 'b')", "regexp_replace(city, status, 'b')",
      "there is no regexp_replace(text, text, text)",
      help: "it takes regexp_replace(text, literal text, literal text) or "
        + "regexp_replace(text, literal text, literal text, literal text)"),
    Case(
      "city like 'a' escape 'ab'", "'ab'", "an escape is a quoted text of one character",
      help: "for example escape '!'"),
    Case(
      "ordered_at at time zone 'Mars/Base'", "'Mars/Base'", "there is no time zone of this name",
      help: "zones have names such as 'Europe/Paris' or 'UTC'"),
    Case(
      "age(born, born)", "age", "there is no function 'age'",
      help: "use age_days(a, b) for days, or a - b"),
    Case(
      "percentile_cont(0.5)", "percentile_cont(0.5)",
      "percentile_cont needs 'within group (order by …)'",
      help: "write percentile_cont(0.5) within group (order by x)", aggregate: true),
    Case(
      "percentile_disc(1.5) within group (order by amount)", "1.5",
      "the fraction of percentile_disc is no number from 0 to 1", aggregate: true),
    Case(
      "mode(city) within group (order by city)", "mode(city) within group (order by city)",
      "mode takes 0 arguments before 'within group', found 1", aggregate: true),
    Case(
      "sum(amount) within group (order by amount)", "sum(amount) within group (order by amount)",
      "sum takes no 'within group'", aggregate: true),
    Case(
      "percentile_cont(0.1) within group (order by amount desc)", "desc",
      "an aggregate orders by one value, from the least to the greatest", aggregate: true),
    Case(
      "first(city)", "first(city)", "first needs the time of the rows, and these have none",
      help: "say time: in their extract", aggregate: true),
    Case(
      "lower(city) within group (order by city)", "lower(city) within group (order by city)",
      "lower is no aggregate: it takes no within group"),
    Case(
      "city = null", "null", "a comparison with null is never true",
      help: "use is null or is not null"),
  ])
  func says(_ expected: Case) throws {
    let found = try mistake(in: expected.text, aggregate: expected.aggregate)
    #expect(found.message == expected.message)
    #expect(found.span?.text == expected.place)
    if let help = expected.help { #expect(found.help == help) }
  }

  @Test func `a required type is named`() throws {
    let report = Report()
    #expect(try parse("quantity + 1").typed(in: shopSchema, as: .bool, "where", report) == nil)
    #expect(report.diagnostics.map(\.message) == ["where must be true or false, found integer"])
    #expect(
      try parse("quantity").typed(in: shopSchema, as: .float8, "cost", Report())?.type == .float8)
  }

  @Test func `several mistakes are reported at once`() throws {
    let report = Report()
    #expect(try parse("amuont > 0 and lowr(city) = 'x'").typed(in: shopSchema, report) == nil)
    #expect(report.errorCount == 2)
  }

  @Test func `messages point into the file through the snippet`() throws {
    let file = SourceFile(name: "p.yaml", text: "where: 'status = ''x'' and nope'")
    let offsets = [
      8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 19, 20, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31,
    ]
    let snippet = Snippet(
      "status = 'x' and nope", span: SourceSpan(file: file, range: 7..<32), offsets: offsets)
    let report = Report()
    _ = try Expression(parsing: snippet).typed(in: shopSchema, report)
    #expect(report.diagnostics.first?.span?.text == "nope")
  }
}
