import PostgresClient
import State

/// A person's word for a run that is held.
struct Approval: Sendable {
  let by: String
  /// Whether it holds although a later as-of is shown.
  let isOverNewer: Bool

  func record(
    _ session: RunSession, pipeline: String, _ database: isolated PostgresConnection
  ) throws {
    try Decision.record(.approve, run: session.run, by: by, database)
  }
}
