import Diagnostics
import Expressions
import Testing

@testable import PipelineFiles

@Suite struct ParameterTests {
  private func first(_ report: Report) -> (String, String?)? {
    report.sorted.first.map { ($0.message, $0.span?.text) }
  }

  @Test func `parameters are filled in`() {
    let parameters = ["horizon": "30d", "city": "Rome", "empty": ""]
    #expect(read(Duration.self, "${horizon}", parameters: parameters).value?.span == .days(30))
    let phrases = [
      ("in ${city} for ${horizon}", "in Rome for 30d"), ("${city}${city}", "RomeRome"),
      ("[${empty}]", nil), ("'[${empty}]'", "[]"), ("a $ b } c", "a $ b } c"),
      ("'${city'", "${city"), ("$city", "$city"), ("'$${city}'", "$Rome"),
      ("\"\\u0024{city}\"", "Rome"),
    ]
    for (yaml, expected) in phrases {
      #expect(read(Phrase.self, yaml, parameters: parameters).value?.text == expected, "\(yaml)")
    }
  }

  /// What comes out of a parameter has no place of its own in the file: it points at the `$`.
  @Test func `mistakes in what is filled in point at the dollar`() throws {
    let yaml = "\"größe = 1 and ${where} and x\""
    let snippet = try #require(
      read(Phrase.self, yaml, parameters: ["where": "city = 'x' ; 1"]).value)
    #expect(snippet.text == "größe = 1 and city = 'x' ; 1 and x")
    let report = read(Expression.self, yaml, parameters: ["where": "city = 'x' ; 1"]).report
    let found = try #require(report.sorted.first)
    #expect(found.span?.start.column == "key: \"größe = 1 and ".count + 1)
  }

  @Test func `what stands behind keeps its place`() throws {
    let report = read(
      Expression.self, "\"a = '${city}' ; 1\"", parameters: ["city": "a much longer text"]
    ).report
    #expect(try #require(report.sorted.first).span?.text == ";")
  }

  @Test func `messages quote the file`() throws {
    let (_, report) = read(Duration.self, "${horizon}", parameters: ["horizon": "hush"])
    let found = try #require(first(report))
    #expect(found.0 == "'${horizon}' is not a duration once its parameters are filled in")
    #expect(found.1 == "${horizon}")
    #expect(!printed(report).contains("hush"))
  }

  @Test func `unknown parameters are named`() throws {
    let (value, report) = read(
      Phrase.self, "a ${horzion} b ${x}", parameters: ["horizon": "30d"])
    #expect(value == nil)
    #expect(
      report.sorted.map(\.message) == [
        "there is no parameter 'horzion'", "there is no parameter 'x'",
      ])
    #expect(report.sorted.map { $0.span?.text } == ["${horzion}", "${x}"])
    #expect(report.sorted[0].help == "did you mean 'horizon'?")
    #expect(report.sorted[1].help == "there is: horizon")
    #expect(read(Phrase.self, "'${}'").report.sorted[0].message == "there is no parameter ''")
  }

  @Test func `environment variables stand only where they may`() throws {
    let environment = ["HOME": "/home/hush", "SHOP": "hush"]
    let (value, report) = read(Phrase.self, "${HOME}", environment: environment)
    #expect(value == nil)
    #expect(
      first(report)?.0 == "environment variables may stand only in connections, addresses and keys")
    #expect(!printed(report).contains("hush"))
    // A parameter may have the name of a variable.
    #expect(
      read(Phrase.self, "${HOME}", parameters: ["HOME": "x"], environment: environment).value?.text
        == "x")

    let deferred = try #require(
      read(Deferred.self, "postgresql://${SHOP}@${HOST}", environment: environment).value)
    let resolving = Report()
    #expect(
      deferred.resolve(Reader(report: resolving, environment: environment)) == nil)
    #expect(first(resolving)?.0 == "the environment variable HOST is not set")
    #expect(first(resolving)?.1 == "${HOST}")
    #expect(!printed(resolving).contains("hush"))
    let secret = try #require(
      deferred.resolve(Reader(report: Report(), environment: ["SHOP": "a", "HOST": "b"])))
    #expect(secret.revealed == "postgresql://a@b")
    #expect("\(secret)" == "****" && String(reflecting: secret) == "****")
    var dumped = ""
    dump(secret, to: &dumped)
    #expect(!dumped.contains("postgresql"))
  }
}
