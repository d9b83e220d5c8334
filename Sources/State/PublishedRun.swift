import Frames
import PostgresClient

/// What the transaction that publishes a run does to the run itself.
extension RunSession {
  /// Locks the run's row, so that nobody else settles it meanwhile.
  /// - Throws: `RunError.lostLock` where somebody has taken it over.
  package func requireToken(as state: RunState, _ database: isolated PostgresConnection) throws {
    let held = try database.query(
      "SELECT 1 FROM roost.runs WHERE run_id = $1 AND token = $2 AND state = $3 FOR UPDATE",
      [Parameter(run), Parameter(token), .text(state.rawValue)])
    guard !held.isEmpty else { throw RunError.lostLock }
  }

  /// Ends the run as published. Runs of the same as-of that are held have lost their place to it.
  package func settlePublished(
    by transition: RunTransition, _ database: isolated PostgresConnection
  ) throws {
    try move(transition, in: database)
    try database.execute(
      "UPDATE roost.runs SET held = NULL WHERE run_id = $1", [Parameter(run)])
    try letGoOfOthers(database)
  }

  /// Lets go of held runs of the same pipeline and as-of: this one has taken their place. Their rows are
  /// cleared away by the next run.
  package func letGoOfOthers(_ database: isolated PostgresConnection) throws {
    try database.execute(
      """
      WITH lost AS (
        UPDATE roost.runs r SET state = 'cancelled', token = r.token + 1, held = NULL,
          error = 'run ' || this.run_id || ' for the same as-of took its place'
        FROM roost.runs this
        WHERE this.run_id = $1 AND r.state = 'held' AND r.run_id <> this.run_id
          AND r.pipeline = this.pipeline AND r.environment = this.environment
          AND r.as_of = this.as_of
        RETURNING r.run_id, r.attempt, r.error),
      told AS (
        INSERT INTO roost.events (run_id, attempt, level, event, message)
        SELECT run_id, attempt, 'info', 'reject', error FROM lost)
      UPDATE roost.stages s SET state = 'cancelled' FROM lost
      WHERE s.run_id = lost.run_id AND s.state = 'waiting'
      """, [Parameter(run)])
  }

  /// Forgets what an earlier attempt loaded for tables that this one does not publish.
  package func forgetOtherLoads(than targets: [String]) async throws {
    try await connection.execute(
      "DELETE FROM roost.loads WHERE run_id = $1 AND target <> ALL ($2)",
      [Parameter(run), .texts(targets)])
  }

  /// Begins a stage that is done within a transaction.
  package func begin(stage: String, in database: isolated PostgresConnection) throws {
    try database.execute(
      """
      UPDATE roost.stages SET state = 'running', started_at = clock_timestamp()
      WHERE run_id = $1 AND stage = $2
      """, [Parameter(run), .text(stage)])
  }

  /// Adds remarks to a stage that has ended.
  package func add(
    note: String?, warnings: [String], to stage: String, _ database: isolated PostgresConnection
  ) throws {
    try database.execute(
      """
      UPDATE roost.stages SET notes = notes || $3::text[], warnings = warnings || $4::text[]
      WHERE run_id = $1 AND stage = $2
      """, [Parameter(run), .text(stage), .texts([note].compactMap(\.self)), .texts(warnings)])
  }
}
