import Diagnostics

/// A type that can be read from a YAML node. Never `Optional` itself: an optional key is one that may
/// be left out.
public protocol Readable: Sendable {
  static var shape: Shape { get }
  /// Stands in for a value that could not be read, so that reading goes on and finds all mistakes. A
  /// record that holds one is never handed out.
  static var blank: Self { get }
  /// The value, or nil when something was wrong; then the reader's report says what.
  static func read(_ node: YAMLNode, _ reader: Reader) -> Self?
}

/// What reading needs beside the node: where messages go, and what `${…}` stands for.
public final class Reader {
  public let report: Report
  package var parameters: [String: Snippet]
  let environment: [String: String]
  /// The key whose value is being read, or was read last.
  var key: YAMLNode?
  /// The mappings around what is being read, from the outermost.
  package var enclosures: [Enclosure] = []
  /// The remedy for a value that belongs elsewhere by what it is, such as a stage.
  package var misplaced: (_ key: YAMLNode, _ value: YAMLNode) -> String? = { _, _ in nil }

  public init(
    report: Report, parameters: [String: Snippet] = [:], environment: [String: String] = [:]
  ) {
    self.report = report
    self.parameters = parameters
    self.environment = environment
  }
}

/// A mistake in a word: its place in the text, what is wrong, and the remedy.
public struct WordTrouble: Error {
  let range: Range<Int>?
  let message: String
  let help: String?

  public init(_ message: String, range: Range<Int>? = nil, help: String? = nil) {
    self.message = message
    self.range = range
    self.help = help
  }
}

/// A value written as one scalar, such as `30d` or an expression.
public protocol Word: Readable {
  static var word: WordShape { get }
  /// Whether `${NAME}` may name an environment variable: only where a connection, an address or a
  /// key stands.
  static var allowsEnvironment: Bool { get }
  /// Whether `${name}` in a text stands for a value.
  static func expands(_ text: String) -> Bool
  init(parsing snippet: Snippet) throws
}

extension Word {
  public static var shape: Shape { .word(word) }
  public static var allowsEnvironment: Bool { false }
  public static func expands(_ text: String) -> Bool { true }

  public static var blank: Self {
    let file = SourceFile(name: "", text: word.example)
    guard let blank = try? Self(parsing: Snippet(file: file)) else {
      preconditionFailure("the example of \(Self.self) must be one")
    }
    return blank
  }

  public static func read(_ node: YAMLNode, _ reader: Reader) -> Self? {
    guard let written = node.scalar, !node.isNull else {
      reader.report.error(
        .wrongShape, "expected \(word.name), found \(node.what)", at: node.head,
        help: "write \(word.name), such as \(word.example)")
      return nil
    }
    guard
      let snippet = expands(written.text)
        ? Expansion.expand(written, with: reader, allowsEnvironment: allowsEnvironment) : written
    else { return nil }
    do {
      return try Self(parsing: snippet)
    } catch let diagnostic as Diagnostic {
      reader.report.add(diagnostic)
    } catch let trouble as WordTrouble {
      let isExpanded = written.text != snippet.text
      // What was filled in is not quoted: the file is.
      reader.report.error(
        .wrongValue,
        isExpanded
          ? "'\(written.excerpt)' is not \(word.name) once its parameters are filled in"
          : trouble.message,
        at: trouble.range.map(snippet.span(of:)) ?? snippet.span,
        help: trouble.help ?? "write \(word.name), such as \(word.example)")
    } catch {
      reader.report.error(
        .wrongValue, "'\(written.excerpt)' is not \(word.name)", at: snippet.span,
        help: "write \(word.name), such as \(word.example)")
    }
    return nil
  }
}

/// One of a few words.
public protocol Choice: Readable, CaseIterable, RawRepresentable<String> {
  /// What to do in place of a text that is none of them; nil where that says itself.
  static func remedy(for text: String) -> String?
}

extension Choice {
  public static var shape: Shape { .choice(allCases.map(\.rawValue)) }
  public static var blank: Self { allCases[allCases.startIndex] }
  public static func remedy(for text: String) -> String? { nil }

  public static func read(_ node: YAMLNode, _ reader: Reader) -> Self? {
    let names = allCases.map(\.rawValue)
    // A choice that is called null is written as YAML's null.
    guard let word = node.scalar, !node.isNull || names.contains(word.text) else {
      reader.report.error(
        .wrongShape, "expected one of \(names.joined(separator: ", ")), found \(node.what)",
        at: node.head, help: "write one of them")
      return nil
    }
    if let choice = Self(rawValue: word.text) { return choice }
    reader.report.error(
      .wrongValue,
      names.count == 1
        ? "expected \(names[0]), found '\(word.excerpt)'"
        : "'\(word.excerpt)' is none of \(names.joined(separator: ", "))",
      at: word.span,
      help: remedy(for: word.text)
        ?? Suggestion.nearest(to: word.text, in: names).map { "did you mean '\($0)'?" }
        ?? "write one of them")
    return nil
  }
}

extension Array: Readable where Element: Readable {
  public static var shape: Shape { .list(Element.shape) }
  public static var blank: Self { [] }

  public static func read(_ node: YAMLNode, _ reader: Reader) -> Self? {
    guard case .sequence(let nodes) = node.kind else {
      let help =
        switch node.kind {
        case .scalar(let snippet, _) where !node.isNull: "write it as [\(snippet.excerpt)]"
        case .mapping: "begin each entry with '- '"
        default: "write its entries, or leave the key out"
        }
      reader.report.error(
        .wrongShape, "expected a list, found \(node.what)", at: node.head, help: help)
      return nil
    }
    let values = nodes.map { Element.read($0, reader) }
    return values.contains { $0 == nil } ? nil : values.compactMap { $0 }
  }
}

/// One value, or a list of them.
public struct OneOrMany<Element: Readable>: Readable {
  public let values: [Element]

  public static var shape: Shape { .oneOrMany(Element.shape) }
  public static var blank: Self { Self(values: [Element.blank]) }

  public static func read(_ node: YAMLNode, _ reader: Reader) -> Self? {
    if case .sequence(let nodes) = node.kind {
      if nodes.isEmpty {
        reader.report.error(
          .wrongShape, "the list is empty", at: node.span, help: "write at least one value in it")
        return nil
      }
      return [Element].read(node, reader).map(Self.init)
    }
    return Element.read(node, reader).map { Self(values: [$0]) }
  }
}

/// A word that may stand as the key of a mapping whose keys the author chooses.
public protocol EntryName: Word {
  var text: String { get }
  var span: SourceSpan { get }
}

/// Names that the author chooses, each with a value.
public typealias Entries<Value: Readable> = EntriesByName<Name, Value>

/// Names of a kind that the author chooses, each with a value, in the order of the file.
public struct EntriesByName<Key: EntryName, Value: Readable>: Readable {
  public struct Entry: Sendable {
    public let name: Key
    public let value: Value
  }

  public let entries: [Entry]

  public static var shape: Shape { .entries(Value.shape, by: Key.word) }
  public static var blank: Self { empty }
  public static var empty: Self { Self(entries: []) }

  public static func read(_ node: YAMLNode, _ reader: Reader) -> Self? {
    guard case .mapping(let pairs) = node.kind else {
      reader.report.error(
        .wrongShape, "expected names with values, found \(node.what)", at: node.head,
        help: "write them as name: value, each on a line of its own")
      return nil
    }
    let before = reader.report.errorCount
    var entries: [Entry] = []
    var seen: Set<String> = []
    for (key, value) in pairs {
      guard let name = Key.read(key, reader) else { continue }
      guard seen.insert(name.text).inserted else {
        reader.report.error(
          .duplicateKey, "the name '\(name.text)' stands here twice", at: name.span,
          help: "give one of them another name, or remove it")
        continue
      }
      if let value = Value.read(value, reader) { entries.append(Entry(name: name, value: value)) }
    }
    return reader.report.errorCount == before ? Self(entries: entries) : nil
  }

  public subscript(name: String) -> Value? { entries.first { $0.name.text == name }?.value }
}
