import Diagnostics
import Foundation

/// Replaces `${name}` by a parameter of the file, or by an environment variable where that is
/// allowed. What comes in points at its `$` in the file; messages quote the file, never the value.
enum Expansion {
  static func expand(
    _ snippet: Snippet, with reader: Reader, allowsEnvironment: Bool
  ) -> Snippet? {
    let bytes = Array(snippet.text.utf8)
    guard snippet.text.contains("${") else { return snippet }
    var text: [UInt8] = []
    var offsets: [Int] = []
    var at = 0
    var isComplete = true
    while at < bytes.count {
      guard bytes[at] == UInt8(ascii: "$"), at + 1 < bytes.count,
        bytes[at + 1] == UInt8(ascii: "{"),
        let close = bytes[at...].firstIndex(of: UInt8(ascii: "}"))
      else {
        text.append(bytes[at])
        offsets.append(snippet.span(of: at..<at).range.lowerBound)
        at += 1
        continue
      }
      let name = String(decoding: bytes[(at + 2)..<close], as: UTF8.self)
      let span = snippet.span(of: at..<(close + 1))
      if let value = value(of: name, at: span, reader, allowsEnvironment) {
        text += Array(value.utf8)
        offsets += Array(repeating: span.range.lowerBound, count: value.utf8.count)
      } else {
        isComplete = false
      }
      at = close + 1
    }
    guard isComplete else { return nil }
    return Snippet(
      String(decoding: text, as: UTF8.self), span: snippet.span,
      offsets: offsets + [snippet.span.range.upperBound])
  }

  /// The value of a parameter or a variable; nil, with a message, where there is none.
  static func value(
    of name: String, at span: SourceSpan, _ reader: Reader, _ allowsEnvironment: Bool
  ) -> String? {
    if let parameter = reader.parameters[name] { return parameter.text }
    if allowsEnvironment {
      // An empty value is a forgotten one: an empty URL would lead to libpq's default database.
      if let value = reader.environment[name], !value.isEmpty { return value }
      if let path = reader.environment[name + fileSuffix], !path.isEmpty {
        return contents(of: path, named: name, at: span, reader)
      }
      reader.report.error(
        .environmentNotSet,
        "the environment variable \(Snippet(name, span: span).keyExcerpt) is \(reader.environment[name] == nil ? "not set" : "empty")",
        at: span,
        help:
          "set it before you start roost: export \(Snippet(name, span: span).keyExcerpt)=…, or put it "
          + "into a file and the file's path into \(Snippet(name, span: span).keyExcerpt)\(fileSuffix)"
      )
      return nil
    }
    let isEnvironment =
      !name.isEmpty && name.utf8.count <= 60
      && name.allSatisfy { $0.isUppercase || $0.isNumber || $0 == "_" }
    reader.report.error(
      isEnvironment ? .environmentNotAllowed : .unknownParameter,
      isEnvironment
        ? "environment variables may stand only in connections, addresses and keys"
        : "there is no parameter '\(Snippet(name, span: span).keyExcerpt)'", at: span,
      help: isEnvironment
        ? "declare it under parameters:, with its value"
        : Suggestion.help(for: name, in: reader.parameters.keys.sorted())
          ?? "declare it under parameters:")
    return nil
  }

  /// With it behind its name, a variable names a file that holds the value, as services get secrets.
  private static let fileSuffix = "_FILE"

  private static let longestSecret = 1 << 20

  private static func contents(
    of path: String, named name: String, at span: SourceSpan, _ reader: Reader
  ) -> String? {
    let text = (try? BoundedFile.read(path, limit: longestSecret))
      .flatMap { String(validating: $0, as: UTF8.self) }?
      .trimmingCharacters(in: .whitespacesAndNewlines)
    if let text, !text.isEmpty { return text }
    reader.report.error(
      .environmentNotSet,
      "the file that \(Snippet(name, span: span).keyExcerpt)\(fileSuffix) names \(text == nil ? "cannot be read" : "is empty")",
      at: span, help: "write the value into it, and let the user that runs roost read it")
    return nil
  }
}
