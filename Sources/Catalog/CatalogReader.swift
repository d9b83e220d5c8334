import PipelineFiles
import PostgresClient

/// Asks databases what plans need to know: one connection for each, all at once.
public struct CatalogReader: Sendable {
  private let connections: [String: ConnectionString]
  private let options: ConnectionOptions
  private let waiting: (@Sendable (String) -> Void)?

  /// - Parameter waiting: is told of locks that it waits for.
  public init(
    connections: [String: ConnectionString], options: ConnectionOptions = .checking(),
    waiting: (@Sendable (String) -> Void)? = nil
  ) {
    self.connections = connections
    self.options = options
    self.waiting = waiting
  }

  /// The answers; throws only when a database cannot be reached.
  public func ask(_ questions: [CatalogQuestion]) async throws -> CatalogFacts {
    var byConnection: [String: [CatalogQuestion]] = [:]
    for question in Set(questions) {
      byConnection[question.connection, default: []].append(question)
    }
    let (options, waiting) = (options, waiting)
    return try await withThrowingTaskGroup(of: [(CatalogQuestion, CatalogFacts.Answer)].self) {
      group in
      for (name, questions) in byConnection {
        guard let connection = connections[name] else { continue }
        group.addTask { try await Self.askAgain(questions, of: connection, options, waiting) }
      }
      var facts = CatalogFacts(isOffline: false)
      for try await answers in group {
        for (question, answer) in answers { facts.add(answer, to: question) }
      }
      return facts
    }
  }

  /// Asks once more where a server ends what is asked for its own reasons, as a standby does that must
  /// go on.
  private static func askAgain(
    _ questions: [CatalogQuestion], of database: ConnectionString, _ options: ConnectionOptions,
    _ waiting: (@Sendable (String) -> Void)?
  ) async throws -> [(CatalogQuestion, CatalogFacts.Answer)] {
    for attempt in 1..<tries {
      do {
        return try await ask(questions, of: database, options, waiting)
      } catch let error as PostgresError where error.isConflict {
        try await Task.sleep(for: .milliseconds(100 * attempt))
      }
    }
    return try await ask(questions, of: database, options, waiting)
  }

  private static let tries = 5

  private static func ask(
    _ questions: [CatalogQuestion], of database: ConnectionString, _ options: ConnectionOptions,
    _ waiting: (@Sendable (String) -> Void)?
  ) async throws -> [(CatalogQuestion, CatalogFacts.Answer)] {
    let connection = try await PostgresConnection.connect(to: database, options: options)
    var answers: [(CatalogQuestion, CatalogFacts.Answer)] = []
    for question in questions {
      answers.append((question, try await answer(question, connection, waiting)))
    }
    await connection.close()
    return answers
  }

  private static func answer(
    _ question: CatalogQuestion, _ connection: PostgresConnection,
    _ waiting: (@Sendable (String) -> Void)?
  ) async throws -> CatalogFacts.Answer {
    switch question {
    case .columns(let statement, let dated, _, let acceptsRowSecurity):
      do {
        return .columns(
          try await SelectTrial(
            select: statement, dated: dated, acceptsRowSecurity: acceptsRowSecurity,
            waiting: waiting
          ).columns(on: connection))
      } catch {
        guard error.kind == .statement, !error.isConflict else { throw error }
        return .refused(error)
      }
    case .role(let name, _):
      let rows = try await connection.query(
        "SELECT 1 FROM pg_roles WHERE rolname = $1", [.text(name)])
      return .role(exists: !rows.isEmpty)
    case .target(let table, let owner, _):
      return .target(try await target(table, owner, connection))
    case .statementTimeout:
      // Outside a transaction the session has what the role was given.
      let bound = try await connection.query("SHOW statement_timeout").first?.string(0)
      return .statementTimeout(bound == "0" ? nil : bound)
    case .table(let name, _):
      return .table(try await standing(name, connection))
    }
  }

  private static func target(
    _ table: QualifiedName, _ owner: PublishedTable.Owner, _ connection: PostgresConnection
  ) async throws -> TargetState {
    try await connection.transaction(readOnly: true) { database in
      try targetState(table, owner, database)
    }
  }

  private static func standing(
    _ table: QualifiedName, _ connection: PostgresConnection
  ) async throws -> WritableTable? {
    try await connection.transaction(readOnly: true) { database in
      try database.writableTable(table)
    }
  }

  private static func targetState(
    _ table: QualifiedName, _ owner: PublishedTable.Owner, _ connection: isolated PostgresConnection
  ) throws -> TargetState {
    if let known = try connection.publishedTable(table) {
      return known.owner.admits(owner) ? .published(known) : .ofAnother(known.owner)
    }
    let names = [table.name, TargetTable.current(of: table).name]
    // Not by to_regclass, which asks for a privilege on the schema.
    let standing = try connection.query(
      """
      SELECT EXISTS (SELECT FROM pg_catalog.pg_class c
        JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname = $1 AND c.relname = ANY($2)) AS taken
      """, [.text(table.schema ?? ""), .texts(names)])
    if try standing.first?.bool("taken") == true { return .foreign }
    // Types of arrays make room for others.
    let types = try connection.query(
      """
      SELECT t.typname FROM pg_catalog.pg_type t
      JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
      WHERE n.nspname = $1 AND t.typname = ANY($2)
        AND NOT EXISTS (SELECT FROM pg_catalog.pg_type e WHERE e.typarray = t.oid)
      """,
      [.text(table.schema ?? ""), .texts(names)])
    return try types.first.map {
      .type(QualifiedName(schema: table.schema, name: try $0.string("typname")))
    } ?? .usable
  }
}
