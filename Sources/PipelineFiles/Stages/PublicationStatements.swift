import Diagnostics
import Frames
import PostgresFacts

/// SQL of a stage that runs in the transaction that publishes the run: after the pointers have moved,
/// in the order of the stages.
public struct PublicationStatements: Sendable {
  /// The connection of the state, which takes every write.
  public let connection: String
  /// Tables that are made before, where they are not there.
  public let creates: [CreatedTable]
  public let statements: [ScriptStatement]
  /// Whether policies may decide which rows are read and written.
  public let acceptsRowSecurity: Bool

  public init(
    connection: String, creates: [CreatedTable], statements: [ScriptStatement],
    acceptsRowSecurity: Bool
  ) {
    self.connection = connection
    self.creates = creates
    self.statements = statements
    self.acceptsRowSecurity = acceptsRowSecurity
  }
}

/// A table that a stage makes where it is not there.
public struct CreatedTable: Sendable {
  public let name: QualifiedName
  public let span: SourceSpan
  public let fields: [Field]
  /// Where each column is declared.
  package let places: [String: SourceSpan]
  /// For its comment.
  public let about: String

  public init(
    name: QualifiedName, span: SourceSpan, columns: [(field: Field, span: SourceSpan)],
    about: String
  ) {
    self.name = name
    self.span = span
    fields = columns.map(\.field)
    places = Dictionary(
      columns.map { ($0.field.name, $0.span) }, uniquingKeysWith: { first, _ in first })
    self.about = about
  }

  /// What makes it.
  public var definition: String {
    get throws(PostgresError) { "CREATE TABLE \(try name.sql) (\(try Self.columns(fields)))" }
  }

  /// Columns as CREATE TABLE lists them.
  package static func columns(_ fields: [Field]) throws(PostgresError) -> String {
    var columns: [String] = []
    for field in fields {
      columns.append("\(try SQL.identifier(field.name)) \(field.type.sqlName)")
    }
    return columns.joined(separator: ", ")
  }
}

/// A table that a stage makes in the run, as the pipeline names it.
public struct MadeTable: Sendable {
  public let name: QualifiedName
  /// Where it is named.
  public let span: SourceSpan

  public init(_ name: QualifiedName, at span: SourceSpan) {
    self.name = name
    self.span = span
  }
}
