import PostgresClient

/// Asks databases what plans need to know: one connection for each, all at once.
public struct CatalogReader: Sendable {
  private let connections: [String: ConnectionString]

  public init(connections: [String: ConnectionString]) { self.connections = connections }

  /// The answers; throws only when a database cannot be reached.
  public func ask(_ questions: [CatalogQuestion]) async throws -> CatalogFacts {
    var byConnection: [String: [CatalogQuestion]] = [:]
    for question in Set(questions) {
      switch question {
      case .columns(_, let connection): byConnection[connection, default: []].append(question)
      }
    }
    return try await withThrowingTaskGroup(of: [(CatalogQuestion, CatalogFacts.Answer)].self) {
      group in
      for (name, questions) in byConnection {
        guard let connection = connections[name] else { continue }
        group.addTask { try await Self.ask(questions, of: connection) }
      }
      var facts = CatalogFacts(isOffline: false)
      for try await answers in group {
        for (question, answer) in answers { facts.add(answer, to: question) }
      }
      return facts
    }
  }

  private static func ask(
    _ questions: [CatalogQuestion], of database: ConnectionString
  ) async throws -> [(CatalogQuestion, CatalogFacts.Answer)] {
    let connection = try await PostgresConnection.connect(to: database)
    var answers: [(CatalogQuestion, CatalogFacts.Answer)] = []
    for question in questions {
      switch question {
      case .columns(let statement, _):
        do {
          answers.append((question, .columns(try await connection.describe(statement.text))))
        } catch let error as PostgresError where error.kind == .statement {
          answers.append((question, .refused(error)))
        }
      }
    }
    await connection.close()
    return answers
  }
}
