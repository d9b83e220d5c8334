/// Renders messages as a JSON list for programs. What a message does not have is null.
///
/// Lines and columns count from 1, columns in Unicode scalars; the end is behind the last character.
public struct JSONRenderer: Sendable {
  public init() {}

  /// The list, ending in a line break; `[]` where there is nothing to say.
  public func render(_ diagnostics: [Diagnostic]) -> String {
    let entries = diagnostics.map { "  " + render($0) }
    return entries.isEmpty
      ? "[]\n" : SafeText.json("[\n" + entries.joined(separator: ",\n") + "\n]\n")
  }

  private func render(_ diagnostic: Diagnostic) -> String {
    let span = diagnostic.span
    let fields: [(String, String?)] = [
      ("code", text(diagnostic.code.rawValue)),
      ("severity", text(diagnostic.severity.rawValue)),
      ("file", span.map { text($0.file.name) }),
      ("line", span.map { String($0.start.line) }),
      ("column", span.map { String($0.start.column) }),
      ("end_line", span.map { String($0.end.line) }),
      ("end_column", span.map { String($0.end.column) }),
      ("message", text(diagnostic.message)),
      ("help", diagnostic.help.map(text)),
    ]
    return "{" + fields.map { "\"\($0)\": \($1 ?? "null")" }.joined(separator: ", ") + "}"
  }

  /// A string as RFC 8259 wants it: quotes, backslashes and control characters are escaped.
  private func text(_ value: String) -> String {
    var escaped = "\""
    for scalar in value.unicodeScalars {
      switch scalar {
      case "\"": escaped += "\\\""
      case "\\": escaped += "\\\\"
      case "\n": escaped += "\\n"
      case "\r": escaped += "\\r"
      case "\t": escaped += "\\t"
      case _ where scalar.value < 0x20 || scalar.value == 0x7f:
        let digits = String(scalar.value, radix: 16)
        escaped += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: escaped.unicodeScalars.append(scalar)
      }
    }
    return escaped + "\""
  }
}
