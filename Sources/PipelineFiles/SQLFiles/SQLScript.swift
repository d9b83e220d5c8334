import Diagnostics
import Frames

/// Statements as a person wrote them, separated by semicolons.
public struct SQLScript: Sendable {
  private let snippets: [Snippet]

  public init(_ snippet: Snippet) {
    var scan = SQLScan(Array(snippet.text.utf8))
    var parts: [Snippet] = []
    var splitter = Splitter()
    var range: Range<Int>?
    while let token = scan.next() {
      let word = token.kind == .word ? snippet.part(token.range).text.lowercased() : nil
      if splitter.ends(at: token, word) {
        if let range { parts.append(snippet.part(range)) }
        range = nil
      } else {
        range = (range?.lowerBound ?? token.range.lowerBound)..<token.range.upperBound
      }
    }
    if let range { parts.append(snippet.part(range)) }
    snippets = parts
  }

  /// The statements as they stand, placeholders and all.
  public var statements: [ScriptStatement] { snippets.map { ScriptStatement($0) } }

  public var isEmpty: Bool { snippets.isEmpty }

  /// The statements with literals for their placeholders, but `:run_id`; nil, with a message, where
  /// one names what is no parameter.
  public func rendered(
    asOf: Instant, parameters: [String: Snippet], _ report: Report
  ) -> [ScriptStatement]? {
    let rendered = snippets.map {
      SQLStatement($0).rendered(
        asOf: asOf, parameters: parameters, keeping: ScriptStatement.runID, report)
    }
    return rendered.contains { $0 == nil } ? nil : rendered.compactMap { $0 }.map { .init($0) }
  }

  /// Knows where a semicolon stands within a statement: in parentheses, as in a rule, and in the body
  /// of a function between BEGIN ATOMIC and END.
  private struct Splitter {
    private var parentheses = 0
    private var blocks = 0
    private var lastWord: String?

    mutating func ends(at token: SQLToken, _ word: String?) -> Bool {
      defer { lastWord = word }
      if token.isSymbol("(") { parentheses += 1 }
      if token.isSymbol(")") { parentheses = max(0, parentheses - 1) }
      if word == "atomic", lastWord == "begin" { blocks += 1 }
      if blocks > 0, word == "case" { blocks += 1 }
      if blocks > 0, word == "end" { blocks -= 1 }
      return token.isSymbol(";") && parentheses == 0 && blocks == 0
    }
  }
}

/// One statement, of a script as a rule: complete but for the run's number.
public struct ScriptStatement: Sendable, Hashable {
  /// The placeholder for the run's number, which is known only when there is a run.
  static let runID = "run_id"

  /// The text, each part of which knows its place in a file.
  public let snippet: Snippet
  let tokens: [SQLToken]

  public init(_ snippet: Snippet) {
    self.snippet = snippet
    var scan = SQLScan(Array(snippet.text.utf8))
    var tokens: [SQLToken] = []
    while let token = scan.next() { tokens.append(token) }
    self.tokens = tokens
  }

  public var text: String { snippet.text }

  /// The statement as a run sends it.
  public func sent(by run: Int) -> ScriptStatement {
    let places = tokens.filter { $0.kind == .placeholder(name: Self.runID) }
    return ScriptStatement(replacing(places.map { ($0.range, "bigint '\(run)'") }))
  }

  /// The line of its file in which it begins.
  public var line: Int { snippet.span.start.line }

  /// The key word that says what it does, in small letters: of WITH, the one behind the named queries.
  public var verb: String {
    guard let first = word(0) else { return "" }
    guard first == "with" else { return first }
    var depth = 0
    for (place, token) in tokens.enumerated() {
      if token.isSymbol("(") { depth += 1 }
      if token.isSymbol(")") { depth -= 1 }
      if depth == 0, let word = word(place), Self.verbsBehindWith.contains(word) { return word }
    }
    return first
  }

  private static let verbsBehindWith: Set = [
    "select", "insert", "update", "delete", "merge", "values", "table",
  ]

  /// Whether Postgres resolves its names and types when it is prepared. Of other statements it reads
  /// the syntax only.
  public var isTypedWhenPrepared: Bool {
    tokens.first?.isSymbol("(") == true || Self.verbsBehindWith.contains(verb)
  }

  /// Whether its rows are rows that it changes, rather than rows that it returns.
  public var changesRows: Bool { ["insert", "update", "delete", "merge"].contains(verb) }

  /// Where it begins: the place of messages about all of it.
  public var head: SourceSpan { snippet.span(of: tokens.first?.range ?? 0..<0) }

  /// A key word in small letters; nil where there is none at that place.
  func word(_ place: Int) -> String? {
    guard tokens.indices.contains(place), tokens[place].kind == .word else { return nil }
    return text(of: tokens[place]).lowercased()
  }

  func text(of token: SQLToken) -> String {
    String(decoding: Array(text.utf8)[token.range], as: UTF8.self)
  }
}
