import Frames
import PipelineFiles
import PostgresClient

/// Makes everything that a run loaded visible at once, on the connection that holds the run's lock.
struct Publisher: Sendable {
  let session: RunSession
  let grantTo: String?
  let patience: LockPatience
  /// What stages do once the pointers have moved, in their order.
  let scripts: [PublicationScript]
  let observer: RunObserver

  /// Attaches the partitions, which readers do not notice, then moves the pointers in one short
  /// transaction.
  /// - Throws: `RunError.lostLock` where the run is not ours any more.
  func publish(_ loaded: [LoadedSnapshot]) async throws {
    // One order for all, so that two publications never wait for each other in a circle.
    let loaded = loaded.sorted { $0.layout.target < $1.layout.target }
    for snapshot in loaded { try await attach(snapshot.layout) }
    let session = session
    let (readers, patience) = (Readers(role: grantTo), patience)
    let (scripts, observer) = (scripts, observer)
    let results = try await patience.retrying(on: session.connection) { database in
      try database.execute("SET LOCAL synchronous_commit = on")
      // One publication at a time: Postgres refuses to make a schema or a view twice at once.
      try database.query("SELECT pg_advisory_xact_lock(hashtextextended('roost.publish', 0))")
      let held = try database.query(
        """
        SELECT 1 FROM roost.runs WHERE run_id = $1 AND token = $2 AND state = 'running' FOR UPDATE
        """, [Parameter(session.run), Parameter(session.token)])
      guard !held.isEmpty else { throw RunError.lostLock }
      for snapshot in loaded {
        try TargetViews(layout: snapshot.layout, readers: readers, patience: patience)
          .refresh(database)
        try Self.point(snapshot, session, database)
      }
      var results: [StageResult] = []
      for script in scripts {
        observer(.stageBegan(script.stage))
        results.append(try script.run(session, readers, database))
      }
      try session.move(.succeed, in: database)
      return results
    }
    for (script, result) in zip(scripts, results) { observer(.stageFinished(script.stage, result)) }
  }

  private func attach(_ layout: TargetLayout) async throws {
    let partition = try layout.partition(run: session.run).sql
    let attachment = """
      ALTER TABLE \(try layout.data.sql)
      ATTACH PARTITION \(partition) FOR VALUES IN (\(session.run))
      """
    try await session.connection.transaction { database in
      try database.execute(attachment)
      // The partition says the same now. Later, a reader might use it already.
      try database.execute("ALTER TABLE \(partition) DROP CONSTRAINT of_run")
    }
  }

  private static func point(
    _ snapshot: LoadedSnapshot, _ session: RunSession, _ database: isolated PostgresConnection
  ) throws {
    let target = Parameter.text(snapshot.layout.target)
    try database.execute(
      """
      UPDATE roost.publications SET superseded_at = clock_timestamp()
      WHERE target = $1 AND as_of = $2 AND superseded_at IS NULL
      """, [target, .instant(session.asOf)])
    try database.execute(
      """
      WITH made AS (
        INSERT INTO roost.publications (target, as_of, run_id, rows) VALUES ($1, $2, $3, $4)
        RETURNING target, publication_id, as_of)
      INSERT INTO roost.current_publications AS c (target, publication_id)
      SELECT target, publication_id FROM made
      ON CONFLICT (target) DO UPDATE SET publication_id = excluded.publication_id
      WHERE (SELECT p.as_of <= made.as_of OR p.as_of > now() FROM roost.publications p, made
        WHERE p.publication_id = c.publication_id)
      """,
      [target, .instant(session.asOf), Parameter(session.run), Parameter(snapshot.rows)])
  }
}
