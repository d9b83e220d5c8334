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

  /// What time it is by the database's clock.
  package func now() async throws -> Instant {
    try await StateDatabase(connection: connection).now()
  }

  /// What is due of some pipelines.
  /// - Returns: how many rows went, without those that went with others.
  /// - Throws: `PostgresError`; what went by then is gone.
  @discardableResult
  package func round(_ kept: [KeptRuns], now: Instant) async throws -> Int {
    try await HeldReminders.insert(of: kept.map(\.pipeline), now: now, on: connection)
    var left = Self.batches
    var gone = 0
    for kept in kept {
      for outlived in Outlived.ofPipelines {
        let earliest = kept.earliest(now, least: outlived.least)
        gone += try await clear(outlived, kept.pipeline, earliest, &left)
      }
    }
    let earliest = CalendarZone.utc.instant(now, minus: Outlived.alertsOfNoneStay)
    return gone + (try await clear(.alertsOfNone, nil, earliest, &left))
  }

  private func clear(
    _ outlived: Outlived, _ pipeline: String?, _ earliest: Instant, _ left: inout Int
  ) async throws -> Int {
    var gone = 0
    while left > 0 {
      let count = try await outlived.delete(of: pipeline, before: earliest, on: connection)
      gone += count
      if count < outlived.batch { break }
      left -= 1
    }
    return gone
  }
}
