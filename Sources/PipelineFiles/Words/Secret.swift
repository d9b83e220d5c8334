import Diagnostics

/// A value that must never be shown: it prints as `****` however it is printed.
public struct Secret: Sendable, CustomStringConvertible, CustomDebugStringConvertible,
  CustomReflectable
{
  /// The value itself, for the one call that needs it.
  public let revealed: String

  public init(_ value: String) { revealed = value }

  public var description: String { "****" }
  public var debugDescription: String { "****" }
  public var customMirror: Mirror { Mirror(self, children: [:]) }
}

/// A value that comes from the environment as a rule: read only when it is needed, so that a project
/// can be checked without the secrets of pipelines that are not run.
public struct Deferred: Readable {
  public static let shape = Shape.word(
    WordShape(name: "a value from the environment", example: "${SHOP_DATABASE_URL}"))
  public static var blank: Self {
    Self(snippet: Snippet(file: SourceFile(name: "", text: "")))
  }

  private let snippet: Snippet

  public static func read(_ node: YAMLNode, _ reader: Reader) -> Self? {
    guard let snippet = node.scalar, !node.isNull else {
      reader.report.error(
        .wrongShape, "expected a value such as ${SHOP_DATABASE_URL}, found \(node.what)",
        at: node.head, help: "write one value, such as ${SHOP_DATABASE_URL}")
      return nil
    }
    return Self(snippet: snippet)
  }

  public var span: SourceSpan { snippet.span }

  /// The environment variables that it takes its value from.
  public var variables: [String] {
    snippet.text.matches(of: /\$\{([A-Za-z0-9_]+)\}/).map { String($0.1) }
  }

  /// The value with environment variables filled in; nil, with a message in the report, where one is
  /// not set.
  public func resolve(_ reader: Reader) -> Secret? {
    Expansion.expand(snippet, with: reader, allowsEnvironment: true).map { Secret($0.text) }
  }
}
