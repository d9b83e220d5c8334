import Frames
import PostgresClient

/// Rows of one table that nobody needs any more.
struct Outlived: Sendable {
  /// How many rows one statement deletes: so few that nobody waits long for its locks.
  let batch: Int
  /// Deletes rows of a pipeline (`$1`) that are older than an instant (`$2`), so many at most (`$3`), and
  /// returns a row for each. What somebody holds locked stays until the next time.
  let deletion: String
  /// For how long they are kept at least, whatever the pipeline says.
  let least: Span?

  init(batch: Int = 10_000, least: Span? = nil, _ deletion: String) {
    self.batch = batch
    self.least = least
    self.deletion = deletion
  }

  /// Of a pipeline, in this order: decisions go after the runs that they are about.
  static let ofPipelines = [ticks, alerts, merges, backfills, runs, decisions]

  /// - Returns: how many rows went.
  func delete(
    of pipeline: String?, before earliest: Instant, on connection: PostgresConnection
  ) async throws -> Int {
    try await connection.query(
      deletion, [Parameter(pipeline), .instant(earliest), Parameter(batch)]
    ).count
  }
}
