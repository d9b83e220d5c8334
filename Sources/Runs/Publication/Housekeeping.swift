import Frames
import PipelineFiles
import PostgresClient

/// Removes rows that no pointer shows any more, without a lock that a reader would wait for.
struct Housekeeping: Sendable {
  let connection: PostgresConnection

  /// Drops what a run loaded and did not publish.
  func discard(_ layouts: [TargetLayout], run: Int) async throws {
    for layout in layouts { try await drop(layout.loaded(run: run), from: layout.data) }
  }

  /// Drops the tables of runs that are over and published nothing in them: of those that were killed,
  /// and of publications that were forgotten while a reader stood in the way.
  func sweep() async throws {
    // What is half detached comes first: nothing else can be detached from its table until it is gone.
    let left = try await connection.query(
      """
      SELECT t.data_table, c.relname FROM pg_class c
      CROSS JOIN LATERAL (
        SELECT substring(c.relname FROM '_r([0-9]{1,18})$')::bigint AS run_id) n
      JOIN roost.targets t
        ON t.data_table = 'roost_data.' || regexp_replace(c.relname, '_r[0-9]+$', '')
      LEFT JOIN roost.runs r ON r.run_id = n.run_id
      LEFT JOIN pg_inherits i ON i.inhrelid = c.oid
      LEFT JOIN roost.forgotten f ON f.target = t.target AND f.run_id = n.run_id
      WHERE c.relnamespace = 'roost_data'::regnamespace AND c.relkind = 'r'
        AND n.run_id IS NOT NULL AND coalesce(r.state, '') NOT IN ('running', 'held')
        AND NOT EXISTS (SELECT FROM roost.publications p
          WHERE p.run_id = n.run_id AND p.target = t.target)
        AND (f.run_id IS NULL OR \(Self.isForgotten))
      ORDER BY i.inhdetachpending DESC NULLS LAST, c.relname
      """)
    for row in left {
      try await drop(
        QualifiedName(schema: "roost_data", name: try row.string("relname")),
        from: .inData(try row.string("data_table")))
    }
    try await sweepWaitingRows()
    try await connection.execute(
      """
      DELETE FROM roost.forgotten f USING roost.targets t
      WHERE t.target = f.target AND to_regclass(quote_ident('roost_data') || '.' || quote_ident(
        substr(t.data_table, length('roost_data.') + 1) || '_r' || f.run_id)) IS NULL
      """)
  }

  /// Drops rows that were to be brought into tables that stand, of runs that will not do it any more.
  private func sweepWaitingRows() async throws {
    let left = try await connection.query(
      """
      SELECT l.loaded_in FROM roost.loads l JOIN roost.runs r USING (run_id)
      JOIN pg_class c ON c.relnamespace = 'roost_data'::regnamespace
        AND c.relname = substr(l.loaded_in, length('roost_data.') + 1)
      WHERE r.state NOT IN ('running', 'held') AND l.definition->>'mode' <> 'snapshot'
      """)
    for row in left {
      let table = QualifiedName.inData(try row.string("loaded_in"))
      try await connection.execute("DROP TABLE IF EXISTS \(try table.sql)")
    }
  }

  /// Whether every snapshot that is in use sees that a publication (row `f` of `roost.forgotten`) is no
  /// longer there. A reader with an older one may still follow the pointer to its rows.
  private static let isForgotten = """
    NOT EXISTS (SELECT FROM pg_stat_activity a
      WHERE a.datname = current_database() AND a.pid <> pg_backend_pid()
        AND a.backend_type IN ('client backend', 'parallel worker')
        AND age(a.backend_xmin) >= age(f.forgotten_in::xid))
    """

  /// Forgets publications whose as-of lies longer than `keep` before the newest one, and drops their
  /// rows as soon as nobody can see them; except the current one and that of `run`. An as-of that is
  /// still to come does not count, for by a slip it may be years ahead.
  func prune(_ layout: TargetLayout, keep: Span, zone: CalendarZone, after run: Int) async throws {
    let newest = try await connection.query(
      "SELECT max(as_of) AS as_of FROM roost.publications WHERE target = $1 AND as_of <= now()",
      [.text(layout.target)])
    guard let instant = try newest.first?.optionalInstant("as_of") else { return }
    try await connection.execute(
      """
      WITH gone AS (
        DELETE FROM roost.publications p WHERE target = $1 AND as_of < $2 AND run_id <> $3
          AND NOT EXISTS (SELECT FROM roost.current_publications c
            WHERE c.publication_id = p.publication_id)
        RETURNING target, run_id)
      INSERT INTO roost.forgotten (target, run_id) SELECT target, run_id FROM gone
      ON CONFLICT DO NOTHING
      """,
      [.text(layout.target), .instant(zone.instant(instant, minus: keep)), Parameter(run)])
    let old = try await connection.query(
      "SELECT run_id FROM roost.forgotten f WHERE target = $1 AND \(Self.isForgotten)",
      [.text(layout.target)])
    for row in old {
      let run = try row.int("run_id")
      try await drop(layout.partition(run: run), from: layout.data)
      try await connection.execute(
        "DELETE FROM roost.forgotten WHERE target = $1 AND run_id = $2",
        [.text(layout.target), Parameter(run)])
    }
  }

  /// Forgets what runs of a pipeline did that ended longer ago than `keep`, unless something of them is
  /// still published or waits for a person.
  func forgetRuns(of pipeline: String, keeping keep: Span, zone: CalendarZone) async throws {
    let clock = try await connection.query("SELECT now() AS now")
    guard let now = try clock.first?.instant("now") else { return }
    try await connection.execute(
      """
      DELETE FROM roost.runs r WHERE pipeline = $1 AND finished_at < $2
        AND state NOT IN ('running', 'held')
        AND NOT EXISTS (SELECT FROM roost.publications p WHERE p.run_id = r.run_id)
      """, [.text(pipeline), .instant(zone.instant(now, minus: keep))])
  }

  private func drop(_ partition: QualifiedName, from data: QualifiedName) async throws {
    let attached = try await connection.query(
      """
      SELECT inhdetachpending AS is_half_detached FROM pg_class c
      LEFT JOIN pg_inherits i ON i.inhrelid = c.oid WHERE c.oid = to_regclass($1)
      """, [.text(try partition.sql)])
    guard let row = attached.first else { return }
    // A transaction that somebody leaves open must not hold up the run: the next one tries again.
    try await connection.execute("SET lock_timeout TO '5s'")
    do {
      if let isHalfDetached = try row.optionalBool("is_half_detached") {
        // Lets readers of the parent go on; a plain DROP would make them wait.
        try await connection.execute(
          "ALTER TABLE \(try data.sql) DETACH PARTITION \(try partition.sql) "
            + (isHalfDetached ? "FINALIZE" : "CONCURRENTLY"))
      }
      try await connection.execute("DROP TABLE IF EXISTS \(try partition.sql)")
    } catch {
      _ = try? await connection.execute("RESET lock_timeout")
      throw error
    }
    try await connection.execute("RESET lock_timeout")
  }
}
