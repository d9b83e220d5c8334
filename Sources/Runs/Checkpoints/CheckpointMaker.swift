import Frames
import PipelineFiles
import PostgresClient

/// The attempt that made a checkpoint. Numbers of runs come again where the state is restored from a
/// backup; the instant at which a run began does not.
struct CheckpointMaker: Codable, Sendable, Hashable {
  let run: Int
  /// When the run began, in microseconds.
  let began: Int64
  let attempt: Int
  /// The instants at which the sources were read from which its rows come, as `roost.runs` has them.
  var snapshots: [String: String] = [:]

  init(_ session: RunSession) {
    run = session.run
    began = session.began.microseconds
    attempt = session.attempt
  }
}

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

  /// Whether a checkpoint is of an attempt that is known.
  func know(_ maker: CheckpointMaker) -> Bool {
    attempts[Run(run: maker.run, began: maker.began)].map { $0 >= maker.attempt } ?? false
  }
}
