import PostgresClient

/// Has Postgres prepare a statement, in a transaction that is rolled back, with empty temporary tables
/// in place of those that are not there yet and of those that the statement would change: so nothing
/// that exists is locked against anybody's writing.
struct StatementTrial: Sendable {
  /// The statements that make the temporary tables.
  let standIns: [String]
  /// The statement, which names them.
  let text: String
  /// Whether Postgres can say how it would run it, and asks for privileges then.
  let isExplained: Bool

  enum Outcome: Sendable {
    case accepted
    case refused(PostgresError)
    /// A table to stand in could not be made.
    case withoutStandIn(PostgresError)
  }

  /// Ends the transaction without committing it.
  private struct Ended: Error { let outcome: Outcome }

  func outcome(on connection: PostgresConnection) async throws -> Outcome {
    do {
      try await connection.transaction { database in
        throw Ended(outcome: try outcome(in: database))
      }
    } catch let ended as Ended {
      if case .refused(let error) = ended.outcome {
        return .refused(try await connection.withRemedy(error))
      }
      return ended.outcome
    }
    return .accepted
  }

  private func outcome(in database: isolated PostgresConnection) throws -> Outcome {
    do {
      for definition in standIns { try database.execute(definition) }
    } catch {
      guard error.kind == .statement else { throw error }
      return .withoutStandIn(error)
    }
    do {
      try database.verify(text)
      if isExplained { try database.explain(text) }
    } catch {
      guard error.kind == .statement else { throw error }
      return .refused(error)
    }
    return .accepted
  }
}

extension PostgresConnection {
  /// Asks for the plan of a statement, for which Postgres looks at the privileges that it needs and at
  /// the index behind ON CONFLICT. What else may go wrong with planning is left to the run.
  func explain(_ statement: String) throws(PostgresError) {
    do {
      try query("EXPLAIN \(statement)")
    } catch {
      if error.kind != .statement || error.isOfText || error.isLockTimeout { throw error }
    }
  }
}
