import Diagnostics

/// What libYAML says of a text that it cannot read, in words that fit what people meant to write.
struct YAMLSyntaxError {
  let message: String
  let help: String
  /// Where the mistake is.
  let offset: Int

  /// Where libYAML gave up, and what came before.
  struct Place {
    let file: SourceFile
    /// Where libYAML gave up.
    let offset: Int
    /// Where that began which it was reading.
    let start: Int
    /// The last whole value.
    let last: YAMLEvent?

    /// What stands where libYAML gave up; nil at the end of the file.
    var character: Character? {
      String(decoding: file.bytes[offset..<min(offset + 4, file.bytes.count)], as: UTF8.self).first
    }
  }

  init(problem: String, context: String, at place: Place) {
    let lines = YAMLLines(place.file)
    if let line = lines.line(at: place.offset), let tab = lines.tab(indenting: line) {
      self.init(
        "a tab stands here; YAML is indented with blanks", "replace it with blanks", at: tab)
      return
    }
    switch (problem, context) {
    case ("found character that cannot start any token", _) where place.character == "\t":
      self.init(
        "a tab stands here; YAML is indented with blanks", "replace it with blanks",
        at: place.offset)
    case ("found character that cannot start any token", _):
      self.init(
        place.file.hidesValues
          ? "a value cannot begin with this"
          : "a value cannot begin with '\(place.character ?? " ")'",
        "put it in quotes",
        at: place.offset)
    case ("did not find expected comment or line break", _):
      self.init(
        "a value that begins with '>' or '|' goes on in the next line",
        "put it in quotes: \">= 1000\"", at: place.start)
    case (_, "while scanning an alias"), (_, "while scanning an anchor"):
      self.init(
        "'*' and '&' begin the name of an alias or anchor",
        "put the value in quotes if it is meant as text", at: place.start)
    case ("mapping values are not allowed in this context", _):
      self = Self.colon(place, lines)
    case ("did not find expected ',' or '}'", _), ("did not find expected ',' or ']'", _):
      self = Self.unclosed(place, isBrace: problem.hasSuffix("'}'"))
    case ("found unexpected end of stream", _):
      self.init(
        "the quote that begins here is never closed", "close it; a ' inside is written twice",
        at: place.start)
    case ("could not find expected ':'", _):
      self.init(
        "no colon stands after this key", "write it as key: value, with a blank after the colon",
        at: place.start)
    case ("did not find expected key", _), ("did not find expected '-' indicator", _):
      self = Self.key(place, lines)
    case ("control characters are not allowed", _):
      self.init(
        "a control character stands here", "remove it, or write it in double quotes, as in \"\\t\"",
        at: place.offset)
    default:
      self.init(
        problem + (context.isEmpty ? "" : " " + context),
        "put the text in quotes if it is meant as text", at: place.offset)
    }
  }

  private init(_ message: String, _ help: String, at offset: Int) {
    self.message = message
    self.help = help
    self.offset = offset
  }

  /// A colon that follows on something other than a key.
  private static func colon(_ place: Place, _ lines: YAMLLines) -> YAMLSyntaxError {
    guard let line = lines.line(at: place.offset), !lines.hasKey(line, before: place.offset),
      let above = lines.above(line), above.indent < line.indent || !lines.hasKey(above)
    else {
      return YAMLSyntaxError(
        "a colon and a blank cannot stand here: the key before them has a value already",
        "put the value in quotes", at: place.offset)
    }
    return lines.hasKey(above)
      ? YAMLSyntaxError(
        "a key cannot stand here: the one in line \(above.number) has a value already",
        "indent it by \(above.indent) blanks as line \(above.number), or remove that value",
        at: line.content)
      : YAMLSyntaxError(
        "a key cannot stand here: the text of line \(above.number) goes on in this line",
        "line \(above.number) lacks its colon", at: line.content)
  }

  /// A bracket or brace whose entries end without it being closed.
  private static func unclosed(_ place: Place, isBrace: Bool) -> YAMLSyntaxError {
    let line = place.file.position(of: place.start).line
    return YAMLSyntaxError(
      "expected ',' or \(isBrace ? "'}'" : "']'") here",
      place.character == "{"
        ? "put ${…} in quotes within braces and brackets"
        : "the \(isBrace ? "{" : "[") in line \(line) is not closed; close it, and put values with "
          + ", [ ] { } in quotes", at: place.offset)
  }

  /// Something that is no further key or entry of what was begun before.
  private static func key(_ place: Place, _ lines: YAMLLines) -> YAMLSyntaxError {
    let message = "expected a key and a colon here"
    if let last = place.last, case .scalar(_, let style) = last.kind,
      style == .singleQuoted || style == .doubleQuoted,
      last.range.upperBound <= place.offset, let quote = lines.byte(before: place.offset),
      quote == UInt8(ascii: "'") || quote == UInt8(ascii: "\"")
    {
      let start = place.file.position(of: last.range.lowerBound).line
      let end = place.file.position(of: last.range.upperBound).line
      return YAMLSyntaxError(
        message,
        start == end
          ? "the quoted text ends before this: put all of the value in other quotes"
          : "the quote that begins in line \(start) ends only before this: close it there",
        at: place.offset)
    }
    guard let line = lines.line(at: place.offset), line.content == place.offset else {
      return YAMLSyntaxError(message, "put the text in quotes", at: place.offset)
    }
    let fitting = lines.fitting(line).map { "\($0.indent) as line \($0.line)" }
    return YAMLSyntaxError(
      "an indentation of \(line.indent) blanks fits no line above",
      fitting.isEmpty
        ? "check its indentation" : "indent it by " + fitting.joined(separator: ", or by "),
      at: place.offset)
  }
}
