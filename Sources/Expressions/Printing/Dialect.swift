import Frames

/// A dialect of SQL in which typed expressions are printed.
public struct Dialect: Sendable {
  /// Its name in messages, such as `Postgres`.
  public let name: String
  let grammar: any Grammar

  /// Postgres from version 14 on.
  public static let postgres = Dialect(name: "Postgres", grammar: PostgresGrammar())

  /// A name as the dialect writes it: in quotes where it needs them.
  public func identifier(_ name: String) -> String { grammar.identifier(name) }

  /// A type as the dialect calls it.
  public func type(_ type: ColumnType) -> String { grammar.type(type) }

  /// A text in quotes.
  public func literal(_ text: String) -> String {
    grammar.literal(.text(Array(text.utf8)), .text).text
  }

  /// A value of a column as a literal of the column's type.
  public func literal(_ column: Column, at place: Int) -> String {
    grammar.literal(LiteralValue(column, at: place), column.type).nested
  }
}
