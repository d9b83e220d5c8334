import Frames
import PostgresClient
import TestSupport
import Testing

@testable import State

/// What schema `roost` lets go, and what it must not.
@Suite struct StateHousekeepingTests {
  private struct State {
    let database: TestDatabase
    let now: Instant
    var connection: PostgresConnection { database.connection }
    static let kept = KeptRuns(pipeline: "nightly", span: .days(100), zone: .utc)

    func sql(_ script: String) async throws { try await connection.execute(script: script) }

    func texts(_ sql: String) async throws -> [String] {
      try await connection.query(sql).map { try $0.string(0) }
    }

    @discardableResult
    func round() async throws -> Int {
      try await StateHousekeeping(connection).round([Self.kept], now: now)
    }

    /// Makes a run that ended so many days ago, for the as-of of that day.
    @discardableResult
    func run(
      _ state: String = "failed", daysAgo: Int, of pipeline: String = "nightly",
      environment: String = ""
    ) async throws -> Int {
      try await connection.query(
        """
        INSERT INTO roost.runs (pipeline, environment, as_of, state, publishes, started_at, finished_at)
        SELECT $1, $2, date_trunc('day', t), $3, true, t, CASE WHEN $3 <> 'running' THEN t END
        FROM (SELECT $4::timestamptz - $5 * interval '1 day' AS t) time RETURNING run_id
        """,
        [
          .text(pipeline), .text(environment), .text(state), .instant(now), Parameter(daysAgo),
        ])[0].int(0)
    }

    var runs: Set<Int> {
      get async throws {
        Set(try await connection.query("SELECT run_id FROM roost.runs").map { try $0.int(0) })
      }
    }
  }

  private func withState(_ body: (State) async throws -> Void) async throws {
    try await withDatabase { database in
      try await StateSchema.migrate(database.connection)
      let now = try #require(Instant("2026-06-21T03:00", in: .utc))
      try await body(State(database: database, now: now))
    }
  }

  @Test func `runs go with all that they did, however they ended and whether they publish or not`()
    async throws
  {
    try await withState { state in
      for day in [101, 150, 1000] {
        for end in ["failed", "succeeded", "cancelled", "blocked", "lost"] {
          let run = try await state.run(end, daysAgo: day)
          try await state.sql(
            """
            UPDATE roost.runs SET publishes = false WHERE run_id = \(run);
            INSERT INTO roost.stages (run_id, position, stage, kind, state)
            VALUES (\(run), 0, 'first', 'clean', 'succeeded');
            INSERT INTO roost.events (run_id, attempt, level, event) VALUES (\(run), 1, 'info', 'begin');
            """)
        }
      }
      let dev = try await state.run(daysAgo: 200, environment: "dev")
      let other = try await state.run(daysAgo: 200, of: "other")
      let young = try await state.run(daysAgo: 99)
      #expect(try await state.round() == 16)
      #expect(try await state.runs == [other, young])
      #expect(try await state.texts("SELECT run_id::text FROM roost.stages") == [])
      #expect(try await state.texts("SELECT run_id::text FROM roost.events") == [])
      _ = dev
    }
  }

  @Test func `runs that something still needs stay`() async throws {
    try await withState { state in
      let held = try await state.run("held", daysAgo: 300)
      let running = try await state.run("running", daysAgo: 301)
      let published = try await state.run("succeeded", daysAgo: 302)
      let good = try await state.run("succeeded", daysAgo: 200)
      let latest = try await state.run("failed", daysAgo: 150)
      let ticked = try await state.run("lost", daysAgo: 303)
      let parked = try await state.run("cancelled", daysAgo: 304)
      let listed = try await state.run("failed", daysAgo: 305)
      let gone = [
        try await state.run("lost", daysAgo: 306), try await state.run("cancelled", daysAgo: 307),
        try await state.run("failed", daysAgo: 308),
      ]
      func tick(_ run: Int, _ state: String, isParked: Bool) -> String {
        """
        INSERT INTO roost.ticks (pipeline, as_of, zone, due_at, state, origin, run_id, is_parked)
        SELECT pipeline, as_of, 'UTC', started_at, '\(state)', 'on_time', run_id, \(isParked)
        FROM roost.runs WHERE run_id = \(run);
        """
      }
      try await state.sql(
        """
        INSERT INTO roost.targets VALUES ('m.t', 'roost_data.t', 'nightly', '{id}', '');
        INSERT INTO roost.publications (target, as_of, run_id, rows, rows_in)
        SELECT 'm.t', as_of, run_id, 1, 'roost_data.t_r' FROM roost.runs WHERE run_id = \(published);
        INSERT INTO roost.schedules (pipeline, file, source, definition, considered_until, looked_at)
        VALUES ('nightly', '', '', '', now(), now());
        \(tick(ticked, "begun", isParked: false)) \(tick(parked, "begun", isParked: true))
        \(tick(gone[0], "skipped", isParked: false)) \(tick(gone[1], "begun", isParked: false))
        INSERT INTO roost.backfills (pipeline, first_as_of, last_as_of, step, finished_at)
        VALUES ('nightly', now(), now(), '1d', NULL), ('nightly', now(), now(), '1d', now());
        INSERT INTO roost.backfill_runs VALUES (1, now(), \(listed)), (2, now(), \(gone[2]));
        """)
      try await state.round()
      #expect(
        try await state.runs == [held, running, published, good, latest, ticked, parked, listed])
    }
  }

  @Test func `ticks with an outcome go, those that are open and the latest stay`() async throws {
    try await withState { state in
      try await state.sql(
        """
        INSERT INTO roost.schedules
          (pipeline, environment, file, source, definition, considered_until, looked_at)
        VALUES ('nightly', '', '', '', '', now(), now()), ('nightly', 'dev', '', '', '', now(), now());
        """)
      func tick(
        _ daysAgo: Int, _ stands: String, run: Int? = nil, isParked: Bool = false,
        environment: String = ""
      ) async throws {
        try await state.connection.execute(
          """
          INSERT INTO roost.ticks
            (pipeline, environment, as_of, zone, due_at, state, origin, run_id, is_parked)
          SELECT 'nightly', $1, t, 'UTC', t, $2, 'on_time', $3, $4
          FROM (SELECT $5::timestamptz - $6 * interval '1 day' AS t) time
          """,
          [
            .text(environment), .text(stands), Parameter(run), .bool(isParked), .instant(state.now),
            Parameter(daysAgo),
          ])
      }
      try await tick(400, "skipped")
      try await tick(399, "begun", run: try await state.run("succeeded", daysAgo: 399))
      try await tick(398, "begun", run: 4711)
      try await tick(300, "waiting")
      try await tick(299, "begun", run: try await state.run("lost", daysAgo: 299))
      try await tick(298, "begun", run: try await state.run("running", daysAgo: 298))
      try await tick(
        297, "begun", run: try await state.run("cancelled", daysAgo: 297), isParked: true)
      try await tick(99, "skipped")
      try await tick(401, "skipped", environment: "dev")
      try await tick(365, "skipped", environment: "dev")
      try await state.round()
      #expect(
        try await state.texts(
          """
          SELECT extract(day FROM timestamptz '2026-06-21 03:00Z' - due_at)::text FROM roost.ticks
          ORDER BY due_at
          """) == ["365", "300", "299", "298", "297", "99"])
    }
  }

  @Test func `what was decided about runs that are kept stays, and backfills that are not done`()
    async throws
  {
    try await withState { state in
      let latest = try await state.run("succeeded", daysAgo: 1)
      try await state.sql(
        """
        INSERT INTO roost.decisions (kind, pipeline, environment, run_id, made_by, made_at, details)
        VALUES ('approve', 'nightly', '', \(latest), 'a', '2020-01-01', '{}'),
          ('rollback', 'nightly', '', 4711, 'b', '2020-01-01', '{"from": \(latest)}'),
          ('rollback', 'nightly', '', 4711, 'c', '2020-01-01', '{"from": 4712}'),
          ('cancel', 'nightly', '', 4711, 'd', '2026-06-01', '{}'),
          ('cancel', 'other', '', 4711, 'e', '2020-01-01', '{}');
        INSERT INTO roost.backfills
          (pipeline, first_as_of, last_as_of, step, finished_at, cancelled_at)
        VALUES ('nightly', now(), now(), '1d', '2020-01-01', NULL),
          ('nightly', now(), now(), '1d', NULL, '2020-01-01'),
          ('nightly', now(), now(), '1d', NULL, NULL),
          ('nightly', now(), now(), '1d', '2026-06-01', NULL);
        INSERT INTO roost.backfill_runs SELECT backfill_id, now(), 4711 FROM roost.backfills;
        """)
      try await state.round()
      #expect(
        try await state.texts("SELECT made_by FROM roost.decisions ORDER BY 1")
          == ["a", "b", "d", "e"])
      #expect(
        try await state.texts(
          "SELECT backfill_id::text FROM roost.backfill_runs JOIN roost.backfills USING (backfill_id) ORDER BY 1"
        ) == ["3", "4"])
    }
  }

  @Test func `of tables that stand the latest is known, and a stretch of what is known no longer`()
    async throws
  {
    try await withState { state in
      func merge(_ table: String, _ asOf: String, at: String) async throws {
        try await state.sql(
          """
          INSERT INTO roost.merges (target, pipeline, as_of, run_id, mode, rows, merged_at)
          VALUES ('\(table)', 'nightly', '\(asOf)Z', 1, 'append', 1, '\(at)Z');
          """)
      }
      for day in 1...9 { try await merge("crm.calls", "2020-01-0\(day)", at: "2020-02-01") }
      // Made again lately; ahead by a slip; within what is kept.
      try await merge("crm.calls", "2019-06-01", at: "2026-06-01")
      try await merge("crm.calls", "2120-01-01", at: "2020-01-01")
      try await merge("crm.calls", "2026-06-20", at: "2026-06-20")
      try await merge("crm.mails", "2020-01-01", at: "2020-01-01")
      try await merge("crm.mails", "2020-01-02", at: "2020-01-02")
      let left = "SELECT target || ' ' || as_of::date FROM roost.merges ORDER BY 1"
      let stretch =
        "SELECT target || ' ' || first_as_of::date || ' ' || last_as_of::date FROM roost.forgotten_merges ORDER BY 1"
      try await state.sql("SET TimeZone TO 'UTC'")
      for _ in 0..<2 {
        try await state.round()
        #expect(
          try await state.texts(left) == [
            "crm.calls 2019-06-01", "crm.calls 2026-06-20", "crm.calls 2120-01-01",
            "crm.mails 2020-01-02",
          ])
        #expect(
          try await state.texts(stretch) == [
            "crm.calls 2020-01-01 2020-01-09", "crm.mails 2020-01-01 2020-01-01",
          ])
      }
      try await merge("crm.mails", "2018-01-01", at: "2020-01-03")
      try await state.round()
      #expect(
        try await state.texts(stretch).last == "crm.mails 2018-01-01 2020-01-01")
    }
  }

  @Test func `alerts go, and as long as one is there its subject is not told again`() async throws {
    try await withState { state in
      func raise(_ pipeline: String?, daysAgo: Int) async throws {
        try await state.connection.execute(
          """
          INSERT INTO roost.alerts (subject, kind, pipeline, state, raised_at)
          SELECT coalesce($1, 'none') || ' ' || $2::int, 'failed', $1,
            CASE WHEN $2::int % 2 = 0 THEN 'delivered' ELSE 'pending' END, $3::timestamptz - $2::int * interval '1 day'
          """, [Parameter(pipeline), Parameter(daysAgo), .instant(state.now)])
      }
      for days in [0, 80, 99, 101, 102, 1000] {
        for pipeline in ["nightly", "other", nil] { try await raise(pipeline, daysAgo: days) }
      }
      let left =
        "SELECT subject FROM roost.alerts WHERE subject NOT LIKE 'other%' ORDER BY alert_id"
      try await state.round()
      #expect(
        try await state.texts(left)
          == ["nightly 0", "none 0", "nightly 80", "none 80", "nightly 99"])
      // However short a time runs are kept.
      try await raise("nightly", daysAgo: 20)
      try await StateHousekeeping(state.connection).round(
        [KeptRuns(pipeline: "nightly", span: .days(1), zone: .utc)], now: state.now)
      #expect(
        try await state.texts(left) == ["nightly 0", "none 0", "none 80", "nightly 20"])
    }
  }

  @Test func `what years have left goes in several rounds, and holds nobody up`() async throws {
    try await withState { state in
      try await state.sql(
        """
        INSERT INTO roost.runs (pipeline, as_of, state, publishes, started_at, finished_at)
        SELECT 'nightly', t, 'failed', true, t, t
        FROM (SELECT timestamptz '2016-01-01Z' + i * interval '1 hour' AS t FROM generate_series(0, 10000) i) times;
        """)
      // Somebody goes on with one of them meanwhile.
      let other = try await state.database.connect()
      try await other.query("BEGIN")
      try await other.query("SELECT FROM roost.runs WHERE run_id = 7 FOR UPDATE")
      var rounds: [Int] = []
      while true {
        let gone = try await state.round()
        rounds.append(gone)
        if gone == 0 { break }
      }
      #expect(rounds == [4000, 4000, 1999, 0])
      #expect(try await state.runs == [7, 10001])
      await other.close()
    }
  }

  @Test func `who is to approve a run is told again after a day and then each week`() async throws {
    try await withState { state in
      let held = try await state.run("held", daysAgo: 0)
      let quiet = try await state.run("held", daysAgo: 0)
      let dev = try await state.run("held", daysAgo: 0, environment: "dev")
      try await state.sql(
        """
        UPDATE roost.runs SET error = 'too few', told_of = '{failed,held}' WHERE run_id = \(held);
        UPDATE roost.runs SET told_of = '{failed}' WHERE run_id = \(quiet);
        """)
      for hours in stride(from: 0, through: 24 * 23, by: 6) {
        let now = Instant(microseconds: state.now.microseconds + Int64(hours) * 3_600_000_000)
        try await StateHousekeeping(state.connection).round([State.kept], now: now)
      }
      #expect(
        try await state.texts(
          "SELECT subject || ': ' || message FROM roost.alerts ORDER BY alert_id")
          == [
            "run 1 attempt 1 held, day 1: for 1 day: too few",
            "run 1 attempt 1 held, day 8: for 8 days: too few",
            "run 1 attempt 1 held, day 15: for 15 days: too few",
            "run 1 attempt 1 held, day 22: for 22 days: too few",
          ])
      _ = dev
    }
  }
}
