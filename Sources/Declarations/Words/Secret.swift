import Diagnostics

/// A value that must never be shown: it prints as `****` however it is printed.
public struct Secret: Sendable, CustomStringConvertible, CustomDebugStringConvertible,
  CustomReflectable
{
  /// The value itself, for the one call that needs it.
  public let revealed: String

  public init(_ value: String) { revealed = value }

  /// Whether a key has so few or so uniform characters that somebody may find it by trying.
  public var isGuessable: Bool {
    revealed.unicodeScalars.count < 16 || Set(revealed.unicodeScalars).count < 8
  }

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

/// The name of an environment variable.
public struct VariableName: Word {
  public static let word = WordShape(
    name: "the name of an environment variable", example: "CHAT_TOKEN",
    pattern: "^[A-Za-z_][A-Za-z0-9_]*$", scalars: [.string])
  public let text: String
  private let span: SourceSpan

  public init(parsing snippet: Snippet) throws {
    guard snippet.text.wholeMatch(of: /[A-Za-z_][A-Za-z0-9_]*/) != nil else {
      throw WordTrouble(
        "'\(snippet.excerpt)' is not the name of an environment variable",
        help: "write the name alone, such as CHAT_TOKEN")
    }
    text = snippet.text
    span = snippet.span
  }

  /// Its value; nil, with a message in the report, where it is not set.
  public func value(_ reader: Reader) -> Secret? {
    Expansion.value(of: text, at: span, reader, true).map { Secret($0) }
  }
}
