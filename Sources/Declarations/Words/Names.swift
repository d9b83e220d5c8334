import Diagnostics

/// A name that the author chose or refers to: of a stage, a column, a connection.
public struct Name: Word, Hashable {
  public static let word = WordShape(
    name: "a name", example: "orders", pattern: "^\(head)\(rest)*$", scalars: [.string, .boolean])
  // Letters and digits of ASCII, and whatever is not ASCII: \p{L} is not known everywhere.
  private static let head = #"[^\x00-@\[-\^`{-\x7f]"#
  private static let rest = #"[^\x00-/:-@\[-\^`{-\x7f]"#
  public let text: String
  public let span: SourceSpan

  public init(parsing snippet: Snippet) throws {
    let text = snippet.text
    guard let first = text.unicodeScalars.first,
      first == "_" || first.properties.isAlphabetic,
      text.unicodeScalars.allSatisfy({
        $0 == "_" || $0.properties.isAlphabetic || $0.properties.numericType != nil
      }),
      text.utf8.count <= 63
    else {
      throw WordTrouble(
        text.utf8.count > 63
          ? "'\(snippet.excerpt)' is longer than 63 bytes"
          : "'\(snippet.excerpt)' is not a name",
        help: text.utf8.count > 63
          ? "Postgres cuts longer names"
          : "begin with a letter; go on with letters, digits and _")
    }
    self.text = text
    span = snippet.span
  }

  /// The name of a column as its source has it.
  fileprivate init(column: Snippet) {
    text = column.text
    span = column.span
  }

  /// As messages quote it where it is a value.
  package var shown: String { Snippet(text, span: span).excerpt }

  public static func == (a: Self, b: Self) -> Bool { a.text == b.text }
  public func hash(into hasher: inout Hasher) { hasher.combine(text) }
}

/// A column of a source, under whatever name it has there: with blanks, dashes or capital letters too.
public struct ColumnName: EntryName, Hashable {
  public static let word = WordShape(
    name: "a column", example: "user_id", pattern: #"^[^\x00]+$"#,
    scalars: [.string, .boolean, .number])
  public let name: Name
  public var text: String { name.text }
  public var span: SourceSpan { name.span }

  public init(parsing snippet: Snippet) throws {
    guard !snippet.text.isEmpty, snippet.text.utf8.count <= 63, !snippet.text.utf8.contains(0)
    else {
      throw WordTrouble(
        snippet.text.isEmpty
          ? "the name of the column is empty"
          : "'\(snippet.excerpt)' is not the name of a column",
        help: "names of columns have 1 to 63 bytes, and no NUL")
    }
    name = Name(column: snippet)
  }
}

extension OneOrMany where Element == ColumnName {
  public var names: OneOrMany<Name> { OneOrMany<Name>(values: values.map(\.name)) }
}

/// A feature's name or a pattern with `*` for any characters: `complaints_*`.
public struct NamePattern: Word {
  public static let word = WordShape(name: "a column or a pattern", example: "complaints_*")
  public let text: String
  public let span: SourceSpan

  public init(parsing snippet: Snippet) throws {
    text = snippet.text
    span = snippet.span
    if text.isEmpty { throw WordTrouble("the pattern is empty") }
  }

  public func matches(_ name: String) -> Bool {
    let parts = text.split(separator: "*", omittingEmptySubsequences: false).map(String.init)
    guard parts.count > 1 else { return name == text }
    guard name.hasPrefix(parts[0]), name.hasSuffix(parts[parts.count - 1]),
      name.utf8.count >= parts[0].utf8.count + parts[parts.count - 1].utf8.count
    else { return false }
    var rest = name.dropFirst(parts[0].count).dropLast(parts[parts.count - 1].count)
    for part in parts.dropFirst().dropLast() where !part.isEmpty {
      guard let found = rest.firstRange(of: part) else { return false }
      rest = rest[found.upperBound...]
    }
    return true
  }
}

/// The path of a file, relative to the project's root.
public struct FilePath: Word {
  public static let word = WordShape(name: "a path", example: "sql/shop/orders.sql")
  public let text: String
  public let span: SourceSpan

  public init(parsing snippet: Snippet) throws {
    text = snippet.text
    span = snippet.span
    if text.isEmpty { throw WordTrouble("the path is empty") }
    if text.utf8.contains(0) { throw WordTrouble("'\(snippet.excerpt)' is not a path") }
  }
}

/// Any text.
public struct Phrase: Word {
  public static let word = WordShape(name: "a text", example: "negative amount")
  public let text: String
  public let span: SourceSpan

  public init(parsing snippet: Snippet) throws {
    text = snippet.text
    span = snippet.span
  }
}
