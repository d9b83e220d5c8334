import Diagnostics

extension YAMLNode {
  /// What the node says whatever its layout: comments, quotes and line breaks make no difference, the
  /// order of keys does. Parameters of the file stand for their values; environment variables for
  /// themselves, since they may be secret.
  package func canonicalText(parameters: [String: Snippet]) -> String {
    switch kind {
    case .scalar(let snippet, let isQuoted):
      var text = snippet.text
      for (name, value) in parameters { text = text.replacing("${\(name)}", with: value.text) }
      // The length, so that no text can look like the structure around it.
      return "\(isQuoted ? "s" : "p")\(text.utf8.count):\(text)"
    case .sequence(let nodes):
      return "[" + nodes.map { $0.canonicalText(parameters: parameters) }.joined(separator: ",")
        + "]"
    case .mapping(let pairs):
      let entries = pairs.map {
        $0.key.canonicalText(parameters: [:]) + "="
          + $0.value.canonicalText(parameters: parameters)
      }
      return "{" + entries.joined(separator: ",") + "}"
    }
  }
}
