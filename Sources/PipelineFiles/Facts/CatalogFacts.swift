import Diagnostics
import Frames
import PostgresFacts

/// Something that has to be asked of a database before a stage can be planned.
public enum CatalogQuestion: Sendable, Hashable {
  /// The columns of a SELECT, under row security policies or else without any, and how it would be run
  /// with something for the as-of that is no constant, where it has one. Nothing is executed.
  case columns(
    of: String, dated: String? = nil, connection: String, acceptsRowSecurity: Bool = false)
  /// Whether there is a role.
  case role(String, connection: String)
  /// What stands under the name of a table that is to be published, seen by who publishes
  /// it.
  case target(QualifiedName, owner: PublishedTable.Owner, connection: String)

  /// What is known of a table that rows are to be written into.
  case table(QualifiedName, connection: String)
  /// After which time the database ends a statement of the role.
  case statementTimeout(connection: String)

  /// Whether it is about what Roost keeps and publishes.
  public var isOfState: Bool { if case .target = self { true } else { false } }

  /// The connection whose database knows.
  public var connection: String {
    switch self {
    case .columns(_, _, let connection, _), .role(_, let connection), .target(_, _, let connection),
      .table(_, let connection), .statementTimeout(let connection):
      connection
    }
  }
}

/// What stands under the name of a table that is to be published.
public enum TargetState: Sendable, Hashable {
  /// Nothing.
  case usable
  /// What this pipeline publishes, with the columns that readers know.
  case published(PublishedTable)
  /// What another pipeline publishes, or this one in another environment.
  case ofAnother(PublishedTable.Owner)
  /// Something that Roost did not make.
  case foreign
  /// A type, whose name no table and no view can have.
  case type(QualifiedName)
}

/// What databases answered.
public struct CatalogFacts: Sendable {
  public enum Answer: Sendable {
    case columns(StatementDescription)
    case refused(PostgresError)
    case role(exists: Bool)
    case target(TargetState)
    /// Nil where there is no such table.
    case table(WritableTable?)
    /// As Postgres writes it; nil where there is no bound.
    case statementTimeout(String?)
  }

  private var answers: [CatalogQuestion: Answer] = [:]
  /// Whether databases were asked at all.
  public let isOffline: Bool

  public init(isOffline: Bool) { self.isOffline = isOffline }

  public mutating func add(_ answer: Answer, to question: CatalogQuestion) {
    answers[question] = answer
  }

  public func answer(to question: CatalogQuestion) -> Answer? { answers[question] }
}
