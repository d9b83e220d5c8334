import Frames
import PostgresClient
import Runs
import State
import Testing

/// Tables that stand, and how rows get into them.
@Suite struct MergeTests {
  private static let hasty = LockPatience(
    attempt: .milliseconds(20), rows: .milliseconds(50), firstPause: .milliseconds(20),
    total: .milliseconds(300))

  private func withTable(
    _ columns: String = "user_id bigint PRIMARY KEY, plan text, score integer, since timestamptz",
    mode: String, _ write: String = "", _ body: (TestProject) async throws -> Void
  ) async throws {
    try await withProject { project in
      try await project.setUpNightlyUsers()
      try await project.sql("CREATE TABLE crm.users (\(columns))")
      try project.writeNightly(
        "mode: \(mode)" + (write.isEmpty ? "" : ", " + write), table: "crm.users")
      try await body(project)
    }
  }

  /// A night's worth of changes to the source, at random.
  private static let change = """
    DELETE FROM shop.users WHERE random() < 0.2;
    UPDATE shop.users SET plan = CASE WHEN random() < 0.2 THEN NULL ELSE 'p' || (random() * 3)::int END
    WHERE random() < 0.4;
    INSERT INTO shop.users SELECT i, 'new', 5, '2020-01-01' FROM generate_series(1, 60) i
    WHERE random() < 0.2 ON CONFLICT DO NOTHING;
    """
  private static let rows = "SELECT user_id, coalesce(plan, 'none') AS plan, score FROM shop.users"

  @Test func `upsert and replace make what Postgres makes of the same rows`() async throws {
    for mode in ["upsert", "replace"] {
      try await withTable(mode: mode) { project in
        try await project.sql(
          """
          INSERT INTO crm.users VALUES (3, 'mine', 7, NULL), (999, 'mine', 7, NULL);
          CREATE TABLE expected AS SELECT user_id, plan, score FROM crm.users;
          ALTER TABLE expected ADD PRIMARY KEY (user_id);
          SELECT setseed(0.3);
          """)
        for night in 1...8 {
          try await project.sql(Self.change)
          try await project.run(asOf: "2024-06-0\(night)")
          try await project.sql(
            mode == "replace"
              ? "DELETE FROM expected; INSERT INTO expected \(Self.rows)"
              : """
              INSERT INTO expected \(Self.rows) ON CONFLICT (user_id)
              DO UPDATE SET plan = excluded.plan, score = excluded.score
              """)
          #expect(
            try await project.difference(
              "SELECT user_id, plan, score FROM crm.users", "TABLE expected")
              == [])
        }
        #expect(try await project.relations(in: "roost_data") == [])
      }
    }
  }

  @Test func `rows that are as they should be are not touched, and nothing around the table is`()
    async throws
  {
    try await withTable(mode: "replace") { project in
      try await project.sql(
        """
        CREATE ROLE "reader_\(project.database.name)";
        GRANT SELECT ON crm.users TO "reader_\(project.database.name)";
        COMMENT ON TABLE crm.users IS 'mine';
        CREATE INDEX by_plan ON crm.users (plan);
        CREATE VIEW crm.plans AS SELECT plan, count(*) AS users FROM crm.users GROUP BY plan;
        CREATE TABLE crm.notes (user_id bigint REFERENCES crm.users ON DELETE CASCADE, note text);
        """)
      let before = try await project.text("SELECT 'crm.users'::regclass::oid::int8::text")
      try await project.run(asOf: "2024-06-01")
      try await project.sql("INSERT INTO crm.notes SELECT user_id, 'called' FROM crm.users")
      try await project.sql(
        "CREATE TABLE places AS SELECT user_id, ctid::text || xmin || ' ' || xmax AS place FROM crm.users"
      )
      try await project.sql(
        "UPDATE shop.users SET plan = 'gold' WHERE user_id = 4; DELETE FROM shop.users WHERE user_id = 9"
      )
      let ran = try await project.run(asOf: "2024-06-02")
      #expect(
        try await project.texts(
          "SELECT user_id FROM places JOIN crm.users USING (user_id) WHERE place <> crm.users.ctid::text || crm.users.xmin || ' ' || crm.users.xmax"
        )
          == ["4"])
      #expect(try await project.count("crm.notes") == 9)
      #expect(try await project.rows("TABLE crm.plans") == ["(free,8)", "(gold,1)"])
      #expect(try await project.text("SELECT 'crm.users'::regclass::oid::int8::text") == before)
      #expect(try await project.text("SELECT obj_description('crm.users'::regclass)") == "mine")
      #expect(
        try await project.text(
          "SELECT has_table_privilege('reader_\(project.database.name)', 'crm.users', 'SELECT')::text"
        )
          == "true")
      #expect(
        try await project.texts(
          "SELECT notes[array_length(notes, 1)] FROM roost.stages WHERE run_id = \(ran.run) AND stage = 'publish'"
        )
          == ["crm.users: 1 row added or changed, 1 removed"])
      try await project.sql("DROP OWNED BY \"reader_\(project.database.name)\"")
      try await project.sql("DROP ROLE \"reader_\(project.database.name)\"")
    }
  }

  @Test func `appended rows come in once for each as-of`() async throws {
    let columns = "user_id bigint, plan text, score integer, since timestamptz"
    try await withTable(columns + ", as_of timestamptz, run_id bigint", mode: "append") { project in
      try await project.sql("INSERT INTO crm.users VALUES (1, 'mine', 1, NULL, '2024-06-01', 1)")
      try await project.sql("DELETE FROM crm.users")
      try await project.run(asOf: "2024-06-01")
      try await project.run(asOf: "2024-06-02")
      try await project.sql("DELETE FROM shop.users WHERE user_id > 4")
      let again = try await project.run(asOf: "2024-06-01")
      #expect(
        try await project.rows("SELECT as_of::date, run_id, count(*) FROM crm.users GROUP BY 1, 2")
          == ["(2024-06-01,\(again.run),4)", "(2024-06-02,2,10)"])
    }
    // Without a place for the run's number there is no second time.
    try await withTable(columns, mode: "append") { project in
      let first = try await project.run(asOf: "2024-06-01")
      let second = try await project.run(asOf: "2024-06-01", expecting: .failed)
      #expect(
        second.outcome.error?.contains("run \(first.run) has added rows for this as-of") == true)
      try await project.run(asOf: "2024-06-02")
      #expect(try await project.count("crm.users") == 20)
      #expect(try await project.relations(in: "roost_data") == [])
    }
  }

  @Test func `what was added so long ago that nobody knows of it is not added again`() async throws
  {
    let columns = "user_id bigint, plan text, score integer, since timestamptz"
    for own in ["", ", as_of timestamptz, run_id bigint"] {
      try await withTable(columns + own, mode: "append") { project in
        for day in 1...3 {
          // Years later, when the last of them ends.
          let now = Instant(day == 3 ? "2030-01-01" : "2024-07-01", in: .utc)
          try await project.run(asOf: "2024-06-0\(day)", preparing: { $0.now = now })
        }
        #expect(
          try await project.texts("SELECT as_of::date FROM roost.merges") == ["2024-06-03"])
        let refused = try await project.run(asOf: "2024-06-01", expecting: .failed)
        let error = try #require(refused.outcome.error)
        #expect(
          error.contains(
            "what was added to crm.users for as-ofs from 2024-06-01 00:00:00+00 to 2024-06-02 00:00:00+00 "
              + "is not known any more"), "\(error)")
        #expect(try await project.count("crm.users") == 30)
        // Before and after there was nothing.
        try await project.run(asOf: "2024-05-31")
        try await project.run(asOf: "2024-06-04")
        // The owner of the table says that there is none.
        try await project.sql("DELETE FROM crm.users")
        try await project.sql(String(try #require(error.components(separatedBy: "with: ").last)))
        try await project.run(asOf: "2024-06-01")
        #expect(try await project.count("crm.users") == 10)
        #expect(try await project.relations(in: "roost_data") == [])
      }
    }
  }

  @Test func `an older as-of does not overwrite what a later one wrote`() async throws {
    try await withTable(mode: "upsert") { project in
      try await project.run(asOf: "2024-06-02")
      try await project.sql("UPDATE shop.users SET plan = 'old'")
      let ran = try await project.run(asOf: "2024-06-01")
      #expect(try await project.texts("SELECT DISTINCT plan FROM crm.users") == ["free"])
      #expect(
        ran.events.contains {
          if case .note(let note) = $0 { note.contains("left alone") } else { false }
        })
      try await project.run(asOf: "2024-06-02")
      #expect(try await project.texts("SELECT DISTINCT plan FROM crm.users") == ["old"])
    }
  }

  @Test func `a limit holds for tables that stand, and rows wait until they are approved`()
    async throws
  {
    try await withTable(mode: "replace", "max_change: 10%") { project in
      try await project.run(asOf: "2024-06-01")
      try await project.sql("UPDATE shop.users SET plan = 'gold' WHERE user_id <= 2")
      let held = try await project.run(asOf: "2024-06-02", expecting: .held)
      #expect(try await project.texts("SELECT DISTINCT plan FROM crm.users") == ["free"])
      try await project.run(asOf: "2024-05-01", expecting: .held)
      let comparison = try await RunComparison(
        held.run, keys: 5, in: project.stateDatabase)
      #expect(comparison.tables.first?.keys?.changed == [["1"], ["2"]])
      try await project.heldRuns.approve(held.run, by: "maria")
      #expect(try await project.count("crm.users WHERE plan = 'gold'") == 2)
      let published = try await RunComparison(
        held.run, keys: nil, in: project.stateDatabase)
      #expect(published.tables.first?.change?.changed == 2)
      #expect(published.tables.first?.change?.columns.map(\.name) == ["plan"])
    }
  }

  @Test func `readers and writers do not wait behind a run that waits`() async throws {
    try await withTable(mode: "upsert") { project in
      try await project.run(asOf: "2024-06-01")
      let other = try await project.database.connect()
      try await other.query("BEGIN")
      try await other.execute("LOCK TABLE crm.users IN SHARE MODE")
      try await project.sql("UPDATE shop.users SET plan = 'gold'")
      async let ran = project.run(asOf: "2024-06-02")
      try await project.wait(
        for:
          "EXISTS (SELECT FROM \(TestProject.locks) WHERE NOT granted AND relation = 'crm.users'::regclass)"
      )
      let reader = try await project.database.connect(
        options: ConnectionOptions(settings: ["lock_timeout": "1s"]))
      #expect(
        try await reader.query("SELECT count(*) FROM crm.users WHERE plan = 'free'")[0].int(0) == 10
      )
      await reader.close()
      try await other.query("COMMIT")
      #expect(try await ran.outcome.state == .succeeded)
      #expect(try await project.count("crm.users WHERE plan = 'gold'") == 10)

      // Somebody who does not let go of a row is named, and nothing of the run is published.
      let process = try await other.query("SELECT pg_backend_pid()")[0].int(0)
      try await other.query("BEGIN")
      try await other.execute("UPDATE crm.users SET score = 8 WHERE user_id = 5")
      try await project.sql("UPDATE shop.users SET plan = 'free'")
      let failed = try await project.run(
        asOf: "2024-06-03", patience: Self.hasty, expecting: .failed)
      #expect(failed.outcome.error?.contains("in use by session \(process)") == true)
      #expect(try await project.count("crm.users WHERE plan = 'gold'") == 10)
      await other.close()
      try await project.run(asOf: "2024-06-03")
      #expect(try await project.count("crm.users WHERE plan = 'free'") == 10)
    }
  }

  @Test func `writers of the same rows lose nothing`() async throws {
    try await withTable(
      "user_id bigint PRIMARY KEY, plan text, score integer, since timestamptz, calls integer DEFAULT 0",
      mode: "upsert"
    ) { project in
      try await project.run(asOf: "2024-06-01")
      let writer = try await project.database.connect()
      let writing = Task {
        for call in 0..<400 {
          // Against the order in which runs go through the rows.
          try await writer.query("BEGIN")
          for user in [10 - call % 5, 5 - call % 5] {
            try await writer.execute(
              "UPDATE crm.users SET calls = calls + 1 WHERE user_id = \(user)")
          }
          try await writer.query("COMMIT")
        }
      }
      for night in 2...6 {
        try await project.sql("UPDATE shop.users SET score = \(night)")
        try await project.run(asOf: "2024-06-0\(night)")
      }
      // Postgres may have chosen the writer to give way; then it says so.
      let result = await writing.result
      await writer.close()
      if case .success = result {
        #expect(try await project.text("SELECT sum(calls)::text FROM crm.users") == "800")
      }
      #expect(try await project.texts("SELECT DISTINCT score FROM crm.users") == ["6"])
    }
  }
}
