import Diagnostics
import PipelineFiles
import PostgresClient
import State

/// Asks the state's database whether a run can keep its state there: whether a session is a session,
/// whether it may write, and whether schema roost is its own.
struct StateCheck: Sendable {
  /// Where roost.yaml names the connection.
  let place: SourceSpan

  /// - Parameters:
  ///   - connection: a session that has no settings yet.
  ///   - other: a second one with the same database.
  /// - Returns: what stands against it, and whether more can be asked there.
  /// - Throws: `PostgresError`.
  func outcome(
    on connection: PostgresConnection, _ other: PostgresConnection
  ) async throws -> (diagnostics: [Diagnostic], canBeAsked: Bool) {
    do {
      try await DirectSession.require(connection, other: other)
    } catch let error as StateError {
      return ([error.diagnostic(.pooledState, at: place)], false)
    }
    let facts = try await StateFacts.read(connection)
    if let readOnly = facts.readOnly(at: place) { return ([readOnly], false) }
    var diagnostics = facts.problems(at: place)
    if diagnostics.isEmpty { diagnostics = try await tables(connection, facts) }
    if facts.isReplica {
      diagnostics.append(
        Diagnostic(
          .strangeSession, .warning,
          "session_replication_role is replica for the role '\(facts.role)': foreign keys and triggers of tables that are written into do not act",
          at: place, help: "ALTER ROLE \(facts.quotedRole) RESET session_replication_role"))
    }
    return (diagnostics, facts.isReadable)
  }

  /// What stands against using the tables that are there, or against taking them forward.
  private func tables(
    _ connection: PostgresConnection, _ facts: StateFacts
  ) async throws -> [Diagnostic] {
    guard facts.hasVersion else { return [] }
    let tables = "ALL TABLES IN SCHEMA roost"
    if facts.closedTables.contains("roost.schema_version") {
      return [
        denied(
          "read and write roost.schema_version",
          "GRANT SELECT, INSERT, UPDATE, DELETE ON \(tables)", facts)
      ]
    }
    let rows = try await connection.query(
      "SELECT coalesce(max(version), 0) AS version FROM roost.schema_version")
    let version = try rows.first?.int("version") ?? 0
    if version > StateSchema.version {
      return [
        StateError.newer(found: version, known: StateSchema.version)
          .diagnostic(.newerState, at: place)
      ]
    }
    if let other = facts.otherOwner, version < StateSchema.version {
      return [
        Diagnostic(
          .missingPrivilege,
          "schema roost must be brought up to date, and its tables belong to the role '\(other)', not to '\(facts.role)'",
          at: place, help: "run once as '\(other)', or GRANT \(other) TO \(facts.quotedRole)")
      ]
    }
    return facts.closedTables.isEmpty
      ? []
      : [
        denied(
          "read and write \(facts.closedTables.joined(separator: ", "))",
          "GRANT SELECT, INSERT, UPDATE, DELETE ON \(tables)", facts)
      ]
  }

  private func denied(_ what: String, _ grant: String, _ facts: StateFacts) -> Diagnostic {
    Diagnostic(
      .missingPrivilege, "the role '\(facts.role)' may not \(what), where runs keep their state",
      at: place, help: "\(grant) TO \(facts.quotedRole)")
  }
}

extension StateError {
  /// The error as `check` says it: what is wrong, and behind the first semicolon what to do.
  func diagnostic(_ code: DiagnosticCode, at place: SourceSpan?) -> Diagnostic {
    let parts = description.split(separator: ";", maxSplits: 1).map(String.init)
    return Diagnostic(
      code, parts[0], at: place,
      help: parts.count > 1 ? String(parts[1].drop { $0 == " " }) : nil)
  }
}
