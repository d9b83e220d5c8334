import PostgresClient

/// Asks databases what plans need to know: one connection for each, all at once.
public struct CatalogReader: Sendable {
  private let connections: [String: ConnectionString]
  private let options: ConnectionOptions

  public init(
    connections: [String: ConnectionString], options: ConnectionOptions = .checking()
  ) {
    self.connections = connections
    self.options = options
  }

  /// The answers; throws only when a database cannot be reached.
  public func ask(_ questions: [CatalogQuestion]) async throws -> CatalogFacts {
    var byConnection: [String: [CatalogQuestion]] = [:]
    for question in Set(questions) {
      byConnection[question.connection, default: []].append(question)
    }
    let options = options
    return try await withThrowingTaskGroup(of: [(CatalogQuestion, CatalogFacts.Answer)].self) {
      group in
      for (name, questions) in byConnection {
        guard let connection = connections[name] else { continue }
        group.addTask { try await Self.ask(questions, of: connection, options) }
      }
      var facts = CatalogFacts(isOffline: false)
      for try await answers in group {
        for (question, answer) in answers { facts.add(answer, to: question) }
      }
      return facts
    }
  }

  private static func ask(
    _ questions: [CatalogQuestion], of database: ConnectionString, _ options: ConnectionOptions
  ) async throws -> [(CatalogQuestion, CatalogFacts.Answer)] {
    let connection = try await PostgresConnection.connect(to: database, options: options)
    var answers: [(CatalogQuestion, CatalogFacts.Answer)] = []
    for question in questions {
      answers.append((question, try await answer(question, connection)))
    }
    await connection.close()
    return answers
  }

  private static func answer(
    _ question: CatalogQuestion, _ connection: PostgresConnection
  ) async throws -> CatalogFacts.Answer {
    switch question {
    case .columns(let statement, _, let acceptsRowSecurity):
      do {
        return .columns(
          try await connection.examine(statement, acceptsRowSecurity: acceptsRowSecurity))
      } catch  where error.kind == .statement {
        return .refused(try await connection.withRemedy(error))
      }
    case .role(let name, _):
      let rows = try await connection.query(
        "SELECT 1 FROM pg_roles WHERE rolname = $1", [.text(name)])
      return .role(exists: !rows.isEmpty)
    case .target(let table, let owner, _):
      return .target(try await targetState(table, owner, connection))
    case .table(let name, _):
      return .table(try await connection.writableTable(name))
    }
  }

  private static func targetState(
    _ table: QualifiedName, _ owner: PublishedTable.Owner, _ connection: PostgresConnection
  ) async throws -> TargetState {
    if let known = try await connection.publishedTable(table) {
      return known.owner.admits(owner) ? .published(known) : .ofAnother(known.owner)
    }
    let standing = try await connection.query(
      "SELECT to_regclass($1) IS NOT NULL OR to_regclass($2) IS NOT NULL AS taken",
      [
        .text(try table.sql),
        .text(try QualifiedName(schema: table.schema, name: table.name + "_current").sql),
      ])
    return try standing.first?.bool("taken") == true ? .foreign : .usable
  }
}
