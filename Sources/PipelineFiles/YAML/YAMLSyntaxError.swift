import CYaml
import Diagnostics

/// What libYAML says of a text that it cannot read, in words that fit what people meant to write.
struct YAMLSyntaxError {
  let message: String
  let help: String
  /// Whether the mistake is where the construct begins, not where libYAML gave up.
  let isAtStart: Bool

  /// - Parameter character: what stands where libYAML gave up; nil at the end of the file.
  init(_ parser: yaml_parser_t, at character: Character?) {
    let problem = parser.problem.map { String(cString: $0) } ?? "the YAML cannot be read"
    let context = parser.context.map { String(cString: $0) } ?? ""
    var help = "put the text in quotes if it is meant as text"
    var isAtStart = false
    switch (problem, context) {
    case ("found character that cannot start any token", _) where character == "\t":
      message = "a tab stands where only spaces may"
      help = "indent with spaces: YAML does not allow tabs"
    case ("found character that cannot start any token", _):
      message = "a value cannot begin with '\(character ?? " ")'"
      help = "put it in quotes"
    case ("did not find expected comment or line break", _):
      message = "a value that begins with '>' or '|' goes on in the next line"
      help = "put it in quotes: \">= 1000\""
      isAtStart = true
    case (_, "while scanning an alias"), (_, "while scanning an anchor"):
      message = "'*' and '&' begin the name of an alias or anchor"
      help = "put the value in quotes if it is meant as text"
      isAtStart = true
    case ("mapping values are not allowed in this context", _):
      message = "a colon and a blank cannot stand here: the key before them has a value already"
      help = "put the text in quotes, or check the indentation"
    case ("did not find expected ',' or '}'", _), ("did not find expected ',' or ']'", _):
      let wanted = problem.hasSuffix("'}'") ? "'}'" : "']'"
      message = "expected ',' or \(wanted) here"
      help =
        character == "{"
        ? "put ${…} in quotes within braces and brackets"
        : "close what was opened before, and put values with , [ ] { } in quotes"
    case ("found unexpected end of stream", _):
      message = "the quote that begins here is never closed"
      help = "close it; a ' inside is written twice"
      isAtStart = true
    case ("did not find expected key", _), ("could not find expected ':'", _):
      message = "expected a key and a colon here"
      help = "check the indentation; put a value that begins with a quote in other quotes"
    case ("control characters are not allowed", _):
      message = "a control character stands here"
      help = "remove it, or write it in double quotes, as in \"\\t\""
    default: message = problem + (context.isEmpty ? "" : " " + context)
    }
    self.help = help
    self.isAtStart = isAtStart
  }
}
