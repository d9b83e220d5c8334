import Diagnostics
import Foundation
import Testing

/// What `roost check --format json` and `--format github` print.
@Suite struct ProgramRendererTests {
  private static let file = SourceFile(
    name: "pipelines/a,b:c%.yaml", text: "pipeline: größe\nstages:\n  a: {x: 1,\n    y: 2}\n")

  private static let messages = [
    Diagnostic("R0107", "there is no roost.yaml here or above", at: nil),
    Diagnostic(
      "R0110", "there is no key 'x' here", at: SourceSpan(file: file, range: 17..<23),
      help: "did you mean \"y\"?"),
    Diagnostic(
      "R0405", .warning, "100% of it\r\nis \\ wrong:, \u{1}",
      at: SourceSpan(file: file, range: 31..<46)),
  ]

  @Test func json() throws {
    #expect(JSONRenderer().render([]) == "[]\n")
    let text = JSONRenderer().render(Self.messages)
    #expect(
      text == #"""
        [
          {"code": "R0107", "severity": "error", "file": null, "line": null, "column": null, "end_line": null, "end_column": null, "message": "there is no roost.yaml here or above", "help": null},
          {"code": "R0110", "severity": "error", "file": "pipelines/a,b:c%.yaml", "line": 1, "column": 16, "end_line": 2, "end_column": 6, "message": "there is no key 'x' here", "help": "did you mean \"y\"?"},
          {"code": "R0405", "severity": "warning", "file": "pipelines/a,b:c%.yaml", "line": 3, "column": 6, "end_line": 4, "end_column": 9, "message": "100% of it\r\nis \\ wrong:, \u0001", "help": null}
        ]

        """#)
  }

  /// Foundation reads what is written, whatever characters it has.
  @Test func `JSON is JSON`() throws {
    let scalars = (0...0x2030).compactMap(Unicode.Scalar.init) + ["\u{1F600}", "\u{FFFF}"]
    let text = String(String.UnicodeScalarView(scalars))
    let rendered = JSONRenderer().render([Diagnostic("R0001", text, at: nil, help: "\"\\\"")])
    let values = try #require(
      try JSONSerialization.jsonObject(with: Data(rendered.utf8)) as? [[String: Any]])
    #expect(values.count == 1)
    #expect(values[0]["message"] as? String == text)
    #expect(values[0]["help"] as? String == "\"\\\"")
    #expect(values[0]["line"] is NSNull)
    #expect(values[0].count == 9)
  }

  @Test func github() {
    #expect(GitHubRenderer().render([]) == "")
    #expect(
      GitHubRenderer().render(Self.messages) == """
        ::error title=R0107::there is no roost.yaml here or above
        ::error file=pipelines/a%2Cb%3Ac%25.yaml,line=1,col=16,title=R0110::there is no key 'x' here%0Ahelp: did you mean "y"?
        ::warning file=pipelines/a%2Cb%3Ac%25.yaml,line=3,col=6,title=R0405::100%25 of it%0D%0Ais \\ wrong:, \\u{1}

        """)
  }
}
