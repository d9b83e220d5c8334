import Diagnostics
import Foundation
import Frames
import Inspection
import PipelineFiles
import Runs
import Scheduling
import State
import Testing

/// Years of nights by a clock that a test moves: what the nights between two looks of a scheduler leave is made
/// by SQL, in the looks real runs are made.
extension TestProject {
  /// Three pipelines: one publishes, one never does, one always fails.
  func setUpYears() async throws {
    try await setUpNightlyUsers()
    try await sql(
      """
      UPDATE shop.users SET since = '2010-01-01';
      CREATE TABLE crm.calls (user_id bigint, plan text, score integer, since timestamptz, run_id bigint)
      """)
    let users = "  users: { extract: { from: shop, table: shop.users, key: user_id, time: since } }"
    for (name, stages) in [
      (
        "good",
        """
          publish: { write: { input: users, table: marketing.users, key: user_id, keep: 20d } }
          calls: { write: { input: users, table: crm.calls, key: user_id, mode: append } }
        """
      ), ("quiet", "  more: { clean: { input: users, steps: [] } }"),
      (
        "bad",
        """
          more: { clean: { input: users, steps: [ { set: { none: 1 / (user_id - 7) } } ] } }
          publish: { write: { input: more, table: marketing.bad, key: user_id } }
        """
      ),
    ] {
      try write(
        "\(name).yaml",
        """
        pipeline: \(name)
        keep_runs: 60d
        schedule: { cron: "30 2 * * *", finish_by: "05:00" }
        stages:
        \(users)
        \(stages)
        """)
    }
  }

  /// Nights whose runs ended as those of the pipelines do, with all that hangs on them.
  func pretendNights(from first: Instant, count: Int) async throws {
    try await sql(
      """
      CREATE TEMPORARY TABLE nights AS
      SELECT p AS pipeline, i, timestamptz '\(first.sqlText)' + i * interval '1 day' AS night
      FROM generate_series(0, \(count - 1)) i, unnest('{good,quiet,bad}'::text[]) p;
      CREATE TEMPORARY TABLE made AS SELECT 0::bigint AS run_id, n.* FROM nights n WHERE false;
      WITH made AS (
        INSERT INTO roost.runs (pipeline, as_of, state, publishes, started_at, finished_at)
        SELECT pipeline, night, CASE pipeline WHEN 'bad' THEN 'failed' ELSE 'succeeded' END,
          pipeline <> 'quiet', night + interval '150 min', night + interval '160 min'
        FROM nights ORDER BY night RETURNING run_id, pipeline, as_of)
      INSERT INTO pg_temp.made SELECT m.run_id, n.* FROM made m
      JOIN nights n ON n.pipeline = m.pipeline AND n.night = m.as_of;
      INSERT INTO roost.stages (run_id, position, stage, kind, state)
      SELECT run_id, s, 'stage_' || s, 'clean', 'succeeded' FROM made, generate_series(0, 2) s;
      INSERT INTO roost.events (run_id, attempt, level, event)
      SELECT run_id, 1, 'info', 'finish' FROM made, generate_series(0, 7);
      INSERT INTO roost.loads (run_id, target, stage, loaded_in, definition, rows)
      SELECT run_id, 'marketing.users', 'publish', 'roost_data.gone_' || run_id, '{}', 10
      FROM made WHERE pipeline = 'good';
      INSERT INTO roost.alerts (subject, kind, pipeline, run_id, as_of, raised_at, state)
      SELECT 'run ' || run_id || ' attempt 1 failed', 'failed', pipeline, run_id, night, night,
        CASE WHEN i % 2 = 0 THEN 'delivered' ELSE 'pending' END FROM made;
      INSERT INTO roost.alerts (subject, kind, raised_at, state)
      SELECT 'a file is broken (' || run_id || ')', 'broken_file', night, 'unwanted'
      FROM made WHERE pipeline = 'good' AND i % 5 = 0;
      -- The same as-of, again and again.
      INSERT INTO roost.publications
        (target, as_of, run_id, rows, published_at, superseded_at, before_run, rows_in)
      SELECT 'marketing.users', night, run_id, 10, night, CASE WHEN t < 6 THEN night + t * interval '1 min' END,
        run_id - 1, 'roost_data.gone_' || run_id || '_' || t
      FROM made, generate_series(1, 6) t WHERE pipeline = 'good' AND EXISTS (SELECT FROM roost.targets);
      INSERT INTO roost.merges (target, pipeline, as_of, run_id, mode, rows, merged_at)
      SELECT 'crm.calls', pipeline, night, run_id, 'append', 10, night FROM made WHERE pipeline = 'good';
      INSERT INTO roost.decisions (kind, pipeline, environment, run_id, made_by, made_at)
      SELECT 'approve', pipeline, '', run_id, 'maria', night FROM made WHERE i % 3 = 0;
      WITH backfills AS (
        INSERT INTO roost.backfills
          (pipeline, first_as_of, last_as_of, step, created_at, finished_at, cancelled_at)
        SELECT pipeline, night, night, '1d', night, CASE WHEN i % 10 = 0 THEN night END,
          CASE WHEN i % 10 <> 0 THEN night END
        FROM made WHERE i % 5 = 0 RETURNING backfill_id, first_as_of)
      INSERT INTO roost.backfill_runs SELECT backfill_id, first_as_of + d * interval '1 day', NULL
      FROM backfills, generate_series(0, 9) d;
      DROP TABLE pg_temp.nights, pg_temp.made;
      """)
  }

  /// Lets a scheduler look once, which makes the latest runs that are due, and one of them again.
  func look(at now: Instant) async throws {
    var environment = environment
    environment["ROOST_STATE_DIR"] = folder.appending(path: "state").path
    let session = try #require(
      ProjectSession(
        named: nil, pipeline: folder.appending(path: "good.yaml").path, environment: environment,
        registry: .builtIn, report: Report()))
    let files = PipelineFolder(
      session.project, folder: folder.path, environment: environment, registry: .builtIn)
    let scheduler = Scheduler(
      files, environment: "", state: stateDatabase, maker: NightMaker(project: self, now: now),
      courier: nil, clock: StandingClock(now: now)
    ) { event in
      if case .uncleared(let message) = event { Issue.record("\(message)") }
      if case .unreachable(let message) = event { Issue.record("\(message)") }
    }
    for made in try await scheduler.runOnce() {
      if case .ended = made { continue }
      Issue.record("\(made.text)")
    }
    if try await count("roost.targets") > 0 {
      try await night("good.yaml", asOf: now, at: now)
    }
    // What was made by the server's clock was made by this one.
    try await sql(
      """
      UPDATE roost.runs SET started_at = '\(now.sqlText)', finished_at = '\(now.sqlText)'
      WHERE started_at > '2026-01-01' AND state <> 'held';
      UPDATE roost.alerts SET raised_at = '\(now.sqlText)' WHERE raised_at > '2026-01-01';
      UPDATE roost.merges SET merged_at = '\(now.sqlText)' WHERE merged_at > '2026-01-01';
      """)
  }

  /// Makes a run as it is made at an instant.
  @discardableResult
  fileprivate func night(
    _ file: String, asOf: Instant, at now: Instant, claim: RunClaim? = nil
  ) async throws -> Ran {
    try await run(
      file, asOf: String(asOf.shortText(in: .utc).prefix(10)), publishes: !file.contains("quiet"),
      stateFolder: folder.appending(path: "state").path,
      expecting: file.contains("bad") ? .failed : .succeeded,
      preparing: {
        $0.now = now
        $0.claim = claim
      })
  }
}

private struct NightMaker: RunMaker {
  let project: TestProject
  let now: Instant

  func make(_ run: WantedRun) async -> MadeRun {
    do {
      return .ended(
        try await project.night(
          run.pipeline.file.name, asOf: run.asOf, at: now, claim: run.claim
        ).outcome)
    } catch {
      Issue.record("\(error)")
      return .locked
    }
  }
}

private struct StandingClock: SchedulerClock {
  let now: Instant
  func now(at state: StateDatabase) async throws -> Instant { now }
  func sleep(until instant: Instant) async throws {}
}
