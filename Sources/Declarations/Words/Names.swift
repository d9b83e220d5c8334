import Diagnostics

/// What a name can be the name of. Where the name of one thing is meant, that of another cannot stand.
public protocol Nameable: Sendable {
  /// What it is called in messages: "a column".
  static var what: String { get }
  /// A name of one.
  static var example: String { get }
}

/// A name that the author chose or refers to.
public struct NameOf<Thing: Nameable>: EntryName, Hashable {
  public static var word: WordShape {
    WordShape(
      name: Thing.what, example: Thing.example,
      pattern: "^\(NamePatterns.head)\(NamePatterns.rest)*$",
      scalars: [.string, .boolean])
  }
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

  /// A name that was checked otherwise.
  fileprivate init(checked snippet: Snippet) {
    text = snippet.text
    span = snippet.span
  }

  /// As messages quote it where it is a value.
  package var shown: String { Snippet(text, span: span).excerpt }

  public static func == (a: Self, b: Self) -> Bool { a.text == b.text }
  public func hash(into hasher: inout Hasher) { hasher.combine(text) }
}

/// Letters and digits of ASCII, and whatever is not ASCII: \p{L} is not known everywhere.
private enum NamePatterns {
  static let head = #"[^\x00-@\[-\^`{-\x7f]"#
  static let rest = #"[^\x00-/:-@\[-\^`{-\x7f]"#
}

/// A name of whatever has one.
public typealias Name = NameOf<Anything>
/// A column of the rows that stages hand on.
public typealias ColumnName = NameOf<ColumnThing>

public enum Anything: Nameable {
  public static let what = "a name"
  public static let example = "orders"
}

public enum ColumnThing: Nameable {
  public static let what = "a column"
  public static let example = "user_id"
}

/// A column of a source, under whatever name it has there: with blanks, dashes or capital letters too.
public struct SourceColumn: EntryName, Hashable {
  public static let word = WordShape(
    name: "a column", example: "user_id", pattern: #"^[^\x00]+$"#,
    scalars: [.string, .boolean, .number])
  public let name: ColumnName
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
    name = ColumnName(checked: snippet)
  }
}

extension OneOrMany where Element == SourceColumn {
  public var names: OneOrMany<ColumnName> { OneOrMany<ColumnName>(values: values.map(\.name)) }
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

/// A text that means something.
public struct TextOf<Thing: Nameable>: Word {
  public static var word: WordShape { WordShape(name: Thing.what, example: Thing.example) }
  public let text: String
  public let span: SourceSpan

  public init(parsing snippet: Snippet) throws {
    text = snippet.text
    span = snippet.span
  }
}

/// Any text.
public typealias Phrase = TextOf<AnyText>
/// A value of a column, as a text.
public typealias ValueText = TextOf<ValueThing>
/// A regular expression.
public typealias RegexText = TextOf<RegexThing>
/// An instant, which is read in the zone of whoever uses it.
public typealias InstantText = TextOf<InstantThing>

public enum AnyText: Nameable {
  public static let what = "a text"
  public static let example = "negative amount"
}

public enum ValueThing: Nameable {
  public static let what = "a value"
  public static let example = "placed"
}

public enum RegexThing: Nameable {
  public static let what = "a regular expression"
  public static let example = "'^[A-Z]{2}$'"
}

public enum InstantThing: Nameable {
  public static let what = "an instant"
  public static let example = "2026-06-01"
}
