import Frames
import PostgresClient

/// The runs for one as-of that the state knows.
package struct KnownRuns: Sendable {
  private struct Run: Hashable {
    let run: Int
    let began: Int64
  }

  /// With the latest attempt at each.
  private var attempts: [Run: Int] = [:]

  /// Asks without writing; there are none where there is no state yet.
  package init(
    of pipeline: String, environment: String, asOf: Instant, on connection: PostgresConnection
  ) async throws {
    let state = try await connection.query(
      "SELECT to_regclass('roost.runs') IS NOT NULL AS is_there")
    guard try state.first?.bool("is_there") == true else { return }
    for row in try await connection.query(
      """
      SELECT run_id, started_at, attempt FROM roost.runs
      WHERE pipeline = $1 AND environment = $2 AND as_of = $3
      """, [.text(pipeline), .text(environment), .instant(asOf)])
    {
      let run = Run(run: try row.int("run_id"), began: try row.instant("started_at").microseconds)
      attempts[run] = try row.int("attempt")
    }
  }

  /// Whether an attempt at a run that began at an instant, in microseconds, is known.
  package func know(run: Int, began: Int64, attempt: Int) -> Bool {
    attempts[Run(run: run, began: began)].map { $0 >= attempt } ?? false
  }
}
