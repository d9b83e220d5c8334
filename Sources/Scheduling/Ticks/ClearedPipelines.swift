import Frames
import PostgresClient
import State

extension TickLedger {
  /// Lets go what is kept no longer of pipelines of which no scheduler has done so within the hour, and reminds
  /// people of their runs that wait.
  func clear(_ scheduled: [Scheduled], now: Instant) async throws {
    guard let environment = scheduled.first?.environment else { return }
    let due = try await state.connection.query(
      """
      UPDATE roost.schedules SET cleared_at = $1
      WHERE environment = $2 AND pipeline = ANY ($3) AND (cleared_at IS NULL OR cleared_at > $1
        OR cleared_at <= $1::timestamptz - interval '1 hour')
      RETURNING pipeline
      """,
      [.instant(now), .text(environment), .texts(scheduled.map(\.pipeline.name))])
    let names = Set(try due.map { try $0.string("pipeline") })
    if names.isEmpty { return }
    try await StateHousekeeping(state.connection).round(
      scheduled.map(\.pipeline).filter { names.contains($0.name) }.map { KeptRuns(of: $0) },
      now: now)
  }
}
