import Declarations
import Diagnostics
import PostgresFacts

/// A table, always with its schema: `shop.events`.
public struct TableName: EntryName, Hashable {
  public static let word = WordShape(
    name: "a table with its schema", example: "shop.orders", pattern: #"^[^.]+\.[^.]+$"#,
    scalars: [.string, .number])
  public let name: QualifiedName
  /// Both parts, quoted.
  public let sql: String
  public let span: SourceSpan

  public init(parsing snippet: Snippet) throws {
    let parts = snippet.text.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 2, parts.allSatisfy({ !$0.isEmpty && $0.utf8.count <= 63 }) else {
      throw WordTrouble("'\(snippet.excerpt)' does not name a table with its schema")
    }
    name = QualifiedName(schema: String(parts[0]), name: String(parts[1]))
    sql = try name.sql
    span = snippet.span
  }

  /// As written: `schema.table`.
  public var text: String { name.description }
  public var schema: String { name.schema ?? "" }

  public static func == (a: Self, b: Self) -> Bool { a.text == b.text }
  public func hash(into hasher: inout Hasher) { hasher.combine(text) }
}
