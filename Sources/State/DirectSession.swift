import Foundation
import PostgresClient

/// Makes sure that a session leads to one server process for as long as it lasts. Behind a pooler
/// that lends a process for one transaction, a lock of the session belongs to whoever comes next.
package enum DirectSession {
  /// Who answers a statement.
  private struct Answerer: Equatable {
    let process: Int
    let mark: String?
  }

  private static let setting = "roost.session"

  /// - Parameter other: a second session with the same database, to be in the way.
  /// - Throws: `StateError.pooled` where a pooler stands between.
  package static func require(_ session: PostgresConnection, other: PostgresConnection) async throws
  {
    let mark = UUID().uuidString
    try await session.query(
      "SELECT set_config($1, $2, false)", [.text(setting), .text(mark)])
    let first = try await answerer(of: session)
    // A process that is kept in a transaction cannot be lent to anybody else.
    try await other.execute(
      script: "BEGIN; SET LOCAL idle_in_transaction_session_timeout TO 0")
    let second = try await answerer(of: other)
    guard first.mark == mark, second.mark != mark, second.process != first.process else {
      throw StateError.pooled(session.location)
    }
    try await expect(first, from: session)
    try await other.query("ROLLBACK")
    try await expect(first, from: session)
  }

  private static func expect(_ first: Answerer, from session: PostgresConnection) async throws {
    for _ in 0..<3 where try await answerer(of: session) != first {
      throw StateError.pooled(session.location)
    }
  }

  private static func answerer(of session: PostgresConnection) async throws -> Answerer {
    let rows = try await session.query(
      "SELECT pg_backend_pid() AS process, current_setting($1, true) AS mark", [.text(setting)])
    guard let row = rows.first else { throw StateError.pooled(session.location) }
    return Answerer(process: try row.int("process"), mark: try row.optionalString("mark"))
  }
}
