import Frames

/// What a statement returns, found without running it.
public struct StatementDescription: Sendable, Hashable {
  public let schema: Schema
  /// Columns of unconstrained `numeric` (or of more than 38 digits), which are held as float8.
  public let approximated: [String]
  /// For each column that shows a table's column unchanged, that column: `schema.table.column`.
  public let sources: [String: String]
  /// Columns of texts that their collation finds equal although their bytes differ.
  public let folded: [String]
  /// Columns that cannot be read, which `schema` leaves out.
  public let unread: [UnreadColumn]
  /// What it reads, where that was asked for and could be told.
  public package(set) var reading: StatementReading?

  package init(
    fields: [Field], approximated: [String] = [], sources: [String: String] = [:],
    folded: [String] = [], unread: [UnreadColumn] = []
  ) {
    schema = Schema(fields)
    self.approximated = approximated
    self.sources = sources
    self.folded = folded
    self.unread = unread
  }
}

/// A column that cannot be read.
public struct UnreadColumn: Sendable, Hashable {
  public let name: String
  /// The type that cannot be held; nil where the role may not read the column.
  public let type: String?

  package init(name: String, type: String?) {
    self.name = name
    self.type = type
  }
}

extension StatementDescription {
  /// What Postgres's own error would be for columns of types that cannot be held; nil without any.
  public var refusal: PostgresError? {
    let odd = unread.filter { $0.type != nil }
    guard let first = odd.first else { return nil }
    let list = odd.map { "\"\($0.name)\" (\($0.type ?? ""))" }.joined(separator: ", ")
    var error = PostgresError(
      .statement,
      odd.count == 1
        ? "column \"\(first.name)\" has type \(first.type ?? ""), which cannot be read"
        : "columns have types that cannot be read: \(list)",
      hint: "cast it in the query, as in \(first.name)::text")
    error.column = first.name
    return error
  }
}
