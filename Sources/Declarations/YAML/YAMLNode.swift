import Diagnostics

/// A node of a YAML document that knows its place in the file.
public struct YAMLNode: Sendable {
  public enum Kind: Sendable {
    /// A scalar and whether it was written in quotes or as a block.
    case scalar(Snippet, isQuoted: Bool)
    case sequence([YAMLNode])
    case mapping([(key: YAMLNode, value: YAMLNode)])
  }

  public let kind: Kind
  public let span: SourceSpan

  package init(kind: Kind, span: SourceSpan) {
    self.kind = kind
    self.span = span
  }

  /// The text of a scalar.
  public var scalar: Snippet? {
    if case .scalar(let snippet, _) = kind { snippet } else { nil }
  }

  /// A scalar that stands for nothing: empty, `~` or `null` without quotes.
  public var isNull: Bool {
    guard case .scalar(let snippet, isQuoted: false) = kind else { return false }
    return ["", "~", "null"].contains(snippet.text)
  }

  /// What a message says was found here.
  package var what: String {
    switch kind {
    case .scalar where isNull: "nothing"
    case .scalar(let snippet, _):
      "'\(snippet.excerpt)'"
    case .sequence: "a list"
    case .mapping: "keys"
    }
  }

  /// A place to point at that is not longer than a line: the node itself, or its first key or entry.
  public var head: SourceSpan {
    switch kind {
    case .scalar: span
    case .sequence(let nodes): nodes.first?.head ?? span
    case .mapping(let pairs): pairs.first?.key.span ?? span
    }
  }
}
