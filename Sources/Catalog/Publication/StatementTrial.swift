import PipelineFiles
import PostgresClient

/// Has Postgres prepare a statement, in a transaction that is rolled back, with empty temporary tables
/// in place of those that are not there yet, or of those that others keep it from.
struct StatementTrial: Sendable {
  /// The statements that make the temporary tables.
  let standIns: [String]
  /// The statement, which names them.
  let text: String
  /// Whether Postgres can say how it would run it, and asks for privileges then.
  let isExplained: Bool
  /// Whether policies may decide which rows it reads and writes.
  let acceptsRowSecurity: Bool
  /// How long to wait for another's lock; nil for the session's own limit.
  var lockTimeout: String?

  enum Outcome: Sendable {
    /// With the plan, where there is one.
    case accepted(PlannedWriting?)
    case refused(PostgresError)
    /// A table to stand in could not be made.
    case withoutStandIn(PostgresError)

    var isLockTimeout: Bool {
      switch self {
      case .refused(let error), .withoutStandIn(let error): error.isLockTimeout
      case .accepted: false
      }
    }
  }

  /// Ends the transaction without committing it.
  private struct Ended: Error { let outcome: Outcome }

  func outcome(on connection: PostgresConnection) async throws -> Outcome {
    do {
      let outcome = try await patientOutcome(on: connection, acceptsRowSecurity)
      guard case .refused(var error) = outcome else { return outcome }
      if !acceptsRowSecurity, error.isMissingPrivilege,
        case .accepted = try await patientOutcome(on: connection, true)
      {
        error.hint = PostgresError.hintOfRowSecurity
        return .refused(error)
      }
      return .refused(try await connection.withRemedy(error))
    } catch let error as PostgresError where error.isLockTimeout {
      return .refused(try await connection.withHolders(error, of: text))
    }
  }

  private func patientOutcome(
    on connection: PostgresConnection, _ underPolicies: Bool
  ) async throws -> Outcome {
    lockTimeout == nil
      ? try await connection.patiently { try await tried(on: connection, underPolicies) }
      : try await tried(on: connection, underPolicies)
  }

  /// - Throws: `PostgresError`, also where a lock is not to be had.
  private func tried(
    on connection: PostgresConnection, _ underPolicies: Bool
  ) async throws -> Outcome {
    do {
      try await connection.transaction { database in
        try database.execute("SET LOCAL row_security TO \(underPolicies ? "on" : "off")")
        throw Ended(outcome: try outcome(in: database))
      }
      return .accepted(nil)
    } catch let ended as Ended {
      if case .refused(let error) = ended.outcome, error.isLockTimeout { throw error }
      return ended.outcome
    }
  }

  private func outcome(in database: isolated PostgresConnection) throws -> Outcome {
    do {
      if let lockTimeout { try database.execute("SET LOCAL lock_timeout = '\(lockTimeout)'") }
      for definition in standIns { try database.execute(definition) }
    } catch {
      guard error.kind == .statement else { throw error }
      return .withoutStandIn(error)
    }
    do {
      try database.verify(text)
      if isExplained { return .accepted(PlannedWriting(try database.plan(of: text))) }
    } catch {
      guard error.kind == .statement else { throw error }
      return .refused(error)
    }
    return .accepted(nil)
  }
}
