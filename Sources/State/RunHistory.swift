import Frames
import PipelineFiles
import PostgresClient

/// What earlier runs of a pipeline kept of their stages, for stages that compare themselves with them.
package struct RunHistory: Sendable {
  let connection: PostgresConnection
  let pipeline: String
  let environment: String
  let asOf: Instant

  package init(
    connection: PostgresConnection, pipeline: String, environment: String, asOf: Instant
  ) {
    self.connection = connection
    self.pipeline = pipeline
    self.environment = environment
    self.asOf = asOf
  }

  /// Of the latest published runs for earlier as-ofs, one for each, what they kept of a stage; the
  /// latest first. Runs that did not have the stage do not count.
  package func latest(_ count: Int, of stage: String) async throws -> [PastStage] {
    try await connection.query(
      """
      SELECT rows, details FROM (
        SELECT DISTINCT ON (r.as_of) r.as_of, s.rows, s.details::text AS details
        FROM roost.runs r JOIN roost.stages s USING (run_id)
        WHERE r.pipeline = $1 AND r.environment = $2 AND r.as_of < $3
          AND r.state = 'succeeded' AND r.publishes
          AND s.stage = $4 AND s.state = 'succeeded'
        ORDER BY r.as_of DESC, r.run_id DESC) latest
      ORDER BY as_of DESC LIMIT $5
      """,
      [.text(pipeline), .text(environment), .instant(asOf), .text(stage), Parameter(count)]
    ).map { row in
      PastStage(
        rows: try row.optionalInt("rows"),
        details: JSONValue(parsing: try row.string("details")) ?? .null)
    }
  }
}
