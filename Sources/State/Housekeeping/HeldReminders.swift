import Frames
import PipelineFiles
import PostgresClient

/// People are told again of a run that waits for them: a day after it was held, and then each week.
enum HeldReminders {
  /// Writes those that are due of some pipelines, where somebody is told.
  static func insert(
    of pipelines: [String], now: Instant, on connection: PostgresConnection
  ) async throws {
    try await connection.execute(
      """
      INSERT INTO roost.alerts (subject, kind, message, pipeline, environment, as_of, zone, run_id)
      SELECT 'run ' || run_id || ' attempt ' || attempt || ' held, day ' || 1 + 7 * ((days - 1) / 7),
        'held', 'for ' || days || CASE days WHEN 1 THEN ' day' ELSE ' days' END || coalesce(': ' || error, ''),
        pipeline, environment, as_of, zone, run_id
      FROM roost.runs r CROSS JOIN LATERAL (
        SELECT floor(extract(epoch FROM $2::timestamptz - r.finished_at) / 86400)::int AS days) held
      WHERE state = 'held' AND pipeline = ANY ($1) AND publishes AND environment = '' AND days >= 1
        AND (told_of IS NULL OR $3 = ANY (told_of))
      ON CONFLICT (subject) DO NOTHING
      """, [.texts(pipelines), .instant(now), .text(AlertKind.held.rawValue)])
  }
}
