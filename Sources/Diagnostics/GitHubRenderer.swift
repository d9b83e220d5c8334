/// Renders messages as workflow commands, which GitHub shows beside the lines of a change:
/// https://docs.github.com/actions/reference/workflow-commands-for-github-actions
public struct GitHubRenderer: Sendable {
  public init() {}

  /// One command on a line for each message.
  public func render(_ diagnostics: [Diagnostic]) -> String {
    diagnostics.map { render($0) + "\n" }.joined()
  }

  private func render(_ diagnostic: Diagnostic) -> String {
    var properties: [(String, String)] = []
    if let span = diagnostic.span {
      properties += [
        ("file", span.file.name), ("line", String(span.start.line)),
        ("col", String(span.start.column)),
      ]
    }
    properties.append(("title", diagnostic.code.rawValue))
    let list = properties.map { "\($0)=\(escaped($1, also: [":", ","]))" }.joined(separator: ",")
    var message = diagnostic.message
    if let help = diagnostic.help { message += "\nhelp: \(help)" }
    let command = diagnostic.severity == .note ? "notice" : diagnostic.severity.rawValue
    return "::\(command) \(list)::\(escaped(message, also: []))"
  }

  /// A command ends with its line; in properties `:` and `,` have a meaning too.
  private func escaped(_ text: String, also others: [Unicode.Scalar]) -> String {
    text.unicodeScalars.map { scalar in
      guard "%\r\n".unicodeScalars.contains(scalar) || others.contains(scalar) else {
        return SafeText.line(String(scalar))
      }
      let digits = String(scalar.value, radix: 16, uppercase: true)
      return "%" + (digits.count == 1 ? "0" : "") + digits
    }.joined()
  }
}
