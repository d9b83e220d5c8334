import PostgresClient

/// A state as years leave it, made by SQL in seconds.
extension TestProject {
  /// Adds runs of ten pipelines with their stages and events, and ticks of one of them and of others; the
  /// pipeline `test` is among them.
  func pretend(runs: Int, ticks: Int) async throws {
    try await sql(
      """
      CREATE TEMPORARY TABLE pretended AS
      SELECT i, CASE WHEN i % 10 = 0 THEN 'test' ELSE 'p' || i % 10 END AS pipeline,
        timestamptz '2020-01-01Z' + (i / 10) * interval '1 day' AS as_of,
        CASE WHEN i % 50 = 7 THEN 'failed' WHEN i % 333 = 3 THEN 'lost'
          WHEN i % 500 = 1 THEN 'cancelled' ELSE 'succeeded' END AS state
      FROM generate_series(1, \(runs)) i;
      INSERT INTO roost.runs (pipeline, as_of, state, publishes, started_at, finished_at, error)
      SELECT pipeline, as_of, state, true, as_of + interval '150 min', as_of + interval '160 min',
        CASE WHEN state <> 'succeeded' THEN 'something' END
      FROM pretended ORDER BY i;
      INSERT INTO roost.stages
        (run_id, position, stage, kind, state, started_at, finished_at, rows, definition)
      SELECT run_id, s, 'stage_' || s, 'clean', 'succeeded', started_at, finished_at, 1000, 'abc'
      FROM roost.runs, generate_series(0, 14) s WHERE started_at < now() - interval '1 day';
      INSERT INTO roost.events (run_id, attempt, level, stage, event, message)
      SELECT run_id, 1, 'info', 'stage_' || e, 'finish', 'something that happened'
      FROM roost.runs, generate_series(1, 12) e WHERE started_at < now() - interval '1 day';
      INSERT INTO roost.ticks (pipeline, as_of, zone, due_at, finish_by, state, origin, run_id, attempts)
      SELECT CASE WHEN i % 10 = 0 THEN 'test' ELSE 'p' || i % 10 END,
        now() - (i / 10) * interval '10 min', 'UTC', now() - (i / 10) * interval '10 min' + interval '1 min',
        now() - (i / 10) * interval '10 min' + interval '9 min',
        CASE WHEN i % 3 = 0 THEN 'skipped' ELSE 'begun' END, 'on_time',
        CASE WHEN i % 3 <> 0 THEN (i / 3) % \(runs) + 1 END, 1
      FROM generate_series(1, \(ticks)) i;
      -- Given up long ago.
      UPDATE roost.ticks t SET state = 'skipped' FROM roost.runs r
      WHERE r.run_id = t.run_id AND r.state = 'lost';
      INSERT INTO roost.schedules (pipeline, file, source, definition, considered_until, looked_at)
      SELECT DISTINCT pipeline, pipeline || '.yaml', '', '', now(), now() FROM pretended;
      INSERT INTO roost.alerts (subject, kind, pipeline, run_id, state, raised_at)
      SELECT 'run ' || i || ' attempt 1 failed', 'failed', pipeline, i, 'delivered', as_of
      FROM pretended WHERE i % 3 = 0;
      INSERT INTO roost.merges (target, pipeline, as_of, run_id, mode, rows)
      SELECT 'crm.calls', pipeline, as_of, i, 'upsert', 10 FROM pretended;
      DROP TABLE pretended;
      """)
    for table in ["runs", "stages", "events", "ticks", "alerts", "merges", "schedules"] {
      try await sql("ANALYZE roost.\(table)")
    }
  }

  /// Rows that sessions which have ended read of schema `roost`, and statements that they sent.
  func readOfState() async throws -> (rows: Int, statements: Int) {
    // A session tells what it did as it ends.
    try await wait(
      for: """
        NOT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database()
          AND pid <> pg_backend_pid() AND backend_type = 'client backend')
        """)
    let row = try await database.connection.query(
      """
      SELECT sum(coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0))::int8 AS rows,
        (SELECT xact_commit FROM pg_stat_database WHERE datname = current_database()) AS statements
      FROM pg_stat_all_tables WHERE schemaname = 'roost'
      """)[0]
    return (try row.int("rows"), try row.int("statements"))
  }
}
