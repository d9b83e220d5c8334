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
      ("code", JSONText.string(diagnostic.code.rawValue)),
      ("severity", JSONText.string(diagnostic.severity.rawValue)),
      ("file", span.map { JSONText.string($0.file.name) }),
      ("line", span.map { String($0.start.line) }),
      ("column", span.map { String($0.start.column) }),
      ("end_line", span.map { String($0.end.line) }),
      ("end_column", span.map { String($0.end.column) }),
      ("message", JSONText.string(diagnostic.message)),
      ("help", diagnostic.help.map(JSONText.string)),
    ]
    return "{" + fields.map { "\"\($0)\": \($1 ?? "null")" }.joined(separator: ", ") + "}"
  }
}
