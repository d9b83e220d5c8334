import Frames
import PipelineFiles
import PostgresClient

/// Lets go what schema `roost` keeps of runs that ended long ago, and reminds people of runs that wait for them.
/// Called wherever a run ends, and by schedulers now and then, so that nothing grows without end, whatever becomes
/// of the runs.
package struct StateHousekeeping: Sendable {
  /// How many full batches one call deletes: what years have left goes in several calls, and holds nobody up.
  static let batches = 8

  private let connection: PostgresConnection

  package init(_ connection: PostgresConnection) { self.connection = connection }

  /// What is due of some pipelines.
  /// - Parameter now: what the database's clock says where nil.
  /// - Returns: how many rows went, without those that went with others.
  /// - Throws: `PostgresError`; what went by then is gone.
  @discardableResult
  package func round(_ kept: [KeptRuns], now: Instant? = nil) async throws -> Int {
    let now = if let now { now } else { try await StateDatabase(connection: connection).now() }
    let pipelines = kept.map(\.pipeline)
    try await HeldReminders.insert(of: pipelines, now: now, on: connection)
    return try await clear(kept, now)
  }

  private func clear(_ kept: [KeptRuns], _ now: Instant) async throws -> Int {
    var left = Self.batches
    var gone = 0
    for kept in kept {
      for outlived in Outlived.ofPipelines {
        gone += try await clear(outlived, kept.pipeline, kept.earliest(now), now, &left)
      }
    }
    // Those that are about no pipeline are kept for as long as they are at least.
    return gone + (try await clear(.alertsOfNone, nil, now, now, &left))
  }

  private func clear(
    _ outlived: Outlived, _ pipeline: String?, _ earliest: Instant, _ now: Instant,
    _ left: inout Int
  ) async throws -> Int {
    var gone = 0
    while left > 0 {
      let count = try await outlived.delete(
        of: pipeline, before: earliest, now: now, on: connection)
      gone += count
      if count < outlived.batch { break }
      left -= 1
    }
    return gone
  }
}
