import PostgresClient
import Runs
import TestSupport
import Testing

/// What a statement sees that was planned before a publication, and what planning costs.
@Suite struct ReaderPlanTests {
  /// Nightly users, who are read by a role that may read what is published and nothing else.
  private func withReader(
    users: Int = 10,
    _ body: (TestProject, PostgresConnection) async throws -> Void
  ) async throws {
    try await withProject { project in
      try await project.setUpNightlyUsers(users)
      try project.writeNightly()
      try await project.run(asOf: "2024-06-01")
      let reader = try await project.reader()
      try await body(project, reader)
      await reader.close()
      try await project.removeReader()
    }
  }

  private func seen(_ sql: String, _ reader: PostgresConnection) async throws -> String {
    try await reader.query(sql)[0].string(0)
  }

  /// `10 rows of 1`: how many, and of how many runs.
  private static func counted(_ table: String, where condition: String = "true") -> String {
    """
    SELECT count(*) || ' rows of ' || string_agg(DISTINCT run_id::text, ',') FROM marketing.\(table)
    WHERE \(condition)
    """
  }

  /// One statement after the other in one transaction, a publication between each: nothing makes such a
  /// session look at the catalog again.
  @Test(arguments: ["users_current", "users"], ["force_custom_plan", "force_generic_plan"])
  func `a kept plan shows what its statement's snapshot shows`(
    table: String, mode: String
  ) async throws {
    try await withReader { project, reader in
      try await reader.execute(
        script: """
          SET plan_cache_mode = \(mode);
          PREPARE seen(int) AS \(Self.counted(table, where: "user_id > $1"));
          BEGIN
          """)
      func expected(_ run: Int) -> String {
        table == "users"
          ? "\(run * 10) rows of \((1...run).map(String.init).joined(separator: ","))"
          : "10 rows of \(run)"
      }
      for run in 1...4 {
        #expect(try await seen("EXECUTE seen(0)", reader) == expected(run))
        try await project.run(asOf: "2024-06-0\(run + 1)")
      }
      try await reader.query("COMMIT")
      #expect(try await seen("EXECUTE seen(0)", reader) == expected(5))
      // A plan that is made for an old snapshot and kept.
      try await reader.query("BEGIN ISOLATION LEVEL REPEATABLE READ")
      try await reader.query("SELECT 1")
      try await project.run(asOf: "2024-06-06")
      #expect(try await seen("EXECUTE seen(0)", reader) == expected(5))
      try await reader.query("COMMIT")
      #expect(try await seen("EXECUTE seen(0)", reader) == expected(6))
      try await project.rollback { _ = try await $0.go(to: 2, by: "a test") }
      #expect(
        try await seen("EXECUTE seen(0)", reader)
          == (table == "users" ? expected(6) : expected(2)))
    }
  }

  /// The planner calls a stable function to estimate; here it takes as long as a publication does.
  @Test(arguments: ["users_current", "users"])
  func `a statement that is planned for long shows everything`(_ table: String) async throws {
    try await withReader { project, reader in
      try await project.sql(
        """
        CREATE FUNCTION public.slow() RETURNS int LANGUAGE plpgsql STABLE AS $$ BEGIN
          IF current_setting('test.was_slow', true) = 'yes' THEN RETURN 0; END IF;
          PERFORM set_config('test.was_slow', 'yes', false);
          PERFORM pg_advisory_lock(1);
          PERFORM pg_advisory_unlock(1);
          RETURN 0;
        END $$
        """)
      try await project.sql("SELECT pg_advisory_lock(1)")
      async let text = seen(
        Self.counted(table, where: "user_id > public.slow()"), reader)
      try await project.wait(
        for: "EXISTS (SELECT FROM \(TestProject.advisoryLocks) AND NOT granted)")
      try await project.run(asOf: "2024-06-02")
      // The same as-of again: the rows that the plan is for count no longer.
      try await project.run(asOf: "2024-06-01")
      try await project.sql("SELECT pg_advisory_unlock(1)")
      #expect(try await text == (table == "users" ? "20 rows of 2,3" : "10 rows of 2"))
    }
  }

  @Test func `functions, cursors and views over the views show one publication, with their grants`()
    async throws
  {
    try await withReader { project, reader in
      let role = project.readerName
      try await project.sql(
        """
        CREATE SCHEMA bi;
        CREATE VIEW bi.both AS SELECT c.user_id, c.run_id, h.run_id AS old FROM marketing.users_current c
          JOIN marketing.users h USING (user_id);
        CREATE FUNCTION bi.counted() RETURNS text LANGUAGE plpgsql AS $$ BEGIN
          RETURN (\(Self.counted("users_current"))); END $$;
        GRANT USAGE ON SCHEMA bi TO \(role);
        GRANT SELECT ON bi.both TO \(role)
        """)
      let both = "SELECT count(*) || ' of ' || string_agg(DISTINCT run_id::text, ',') FROM bi.both"
      #expect(try await seen(both, reader) == "10 of 1")
      try await reader.query("BEGIN")
      try await reader.execute("DECLARE c CURSOR FOR SELECT run_id FROM marketing.users_current")
      for run in 1...3 {
        #expect(try await seen("SELECT bi.counted()", reader) == "10 rows of \(run)")
        #expect(try await seen(both, reader) == "\(run * 10) of \(run)")
        try await project.run(asOf: "2024-06-0\(run + 1)")
      }
      #expect(Set(try await reader.query("FETCH ALL FROM c").map { try $0.int(0) }) == [1])
      try await reader.query("COMMIT")
      // No right on what lies below.
      await #expect(throws: PostgresError.self) {
        try await reader.query("SELECT roost_data.planned_run('marketing.users')")
      }
    }
  }

  @Test func `locks and estimates are those of one publication, however many are kept`()
    async throws
  {
    try await withReader(users: 3000) { project, reader in
      func locks() async throws -> Int {
        try await reader.query("BEGIN")
        try await reader.query("SELECT count(*) FROM marketing.users_current")
        let locks = try await reader.query(
          "SELECT count(*) FROM pg_locks WHERE pid = pg_backend_pid()")[0].int(0)
        try await reader.query("COMMIT")
        return locks
      }
      let one = try await locks()
      for day in 2...9 { try await project.run(asOf: "2024-06-0\(day)") }
      #expect(try await locks() == one)
      let plan = try await reader.query("EXPLAIN SELECT * FROM marketing.users_current")
        .map { try $0.string(0) }
      let rows = try #require(plan.first?.firstMatch(of: #/rows=(\d+)/#)?.1)
      #expect((3000...3001).contains(try #require(Int(rows))), "\(plan)")
      // A key finds its row by the index, and an as-of its publication.
      let join = try await reader.query(
        """
        EXPLAIN SELECT * FROM generate_series(1, 2) g JOIN marketing.users_current ON user_id = g
        """
      ).map { try $0.string(0) }.joined(separator: "\n")
      #expect(join.contains("Index Cond: (user_id = g.g)"), "\(join)")
      let history = try await reader.query(
        "EXPLAIN SELECT * FROM marketing.users WHERE as_of = '2024-06-05Z'"
      ).map { try $0.string(0) }.joined(separator: "\n")
      let read = history.matches(of: #/ on \w+_users_r(\d+)_1 d\b/#).map { "\($0.1)" }
      #expect(read == ["5"], "\(history)")
    }
  }

  /// By hand: then neither a smaller table nor an empty one, but an error that says so.
  @Test(arguments: ["DROP TABLE", "TRUNCATE"])
  func `rows that somebody removed are missed`(_ verb: String) async throws {
    try await withReader { project, reader in
      try await project.run(asOf: "2024-06-02")
      try await project.sql(
        """
        ALTER TABLE roost_data.marketing_users_r2_1 DISABLE TRIGGER USER;
        \(verb) roost_data.marketing_users_r2_1
        """)
      for table in ["users_current", "users"] {
        let error = await #expect(throws: PostgresError.self) {
          try await reader.query(Self.counted(table))
        }
        // RAISE may quote rows, so the client withholds what it says; the state tells.
        #expect(error?.sqlState == (verb == "TRUNCATE" ? "P0002" : "42P01"))
      }
      try await project.run(asOf: "2024-06-02")
      #expect(try await seen(Self.counted("users_current"), reader) == "10 rows of 3")
      #expect(try await seen(Self.counted("users"), reader) == "20 rows of 1,3")
    }
  }

  @Test func `an empty publication is empty, and a table rewritten by hand is the same`()
    async throws
  {
    try await withReader { project, reader in
      try await project.sql("VACUUM FULL roost_data.marketing_users_r1_1")
      #expect(try await seen(Self.counted("users_current"), reader) == "10 rows of 1")
      try await project.sql("DELETE FROM shop.users")
      try project.writeNightly("max_drop: 100%")
      try await project.run(asOf: "2024-06-02")
      #expect(try await reader.query("SELECT FROM marketing.users_current").isEmpty)
      #expect(try await seen(Self.counted("users"), reader) == "10 rows of 1")
    }
  }
}

extension TestProject {
  /// A role that is granted what is published, and nothing else.
  var readerName: String { "reader_of_\(database.name)" }

  /// A session of that role; something must have been published.
  func reader(
    options: ConnectionOptions = ConnectionOptions()
  ) async throws -> PostgresConnection {
    try await sql(
      """
      DO $$ BEGIN
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '\(readerName)') THEN
          CREATE ROLE \(readerName) LOGIN;
          GRANT USAGE ON SCHEMA marketing TO \(readerName);
          GRANT SELECT ON ALL TABLES IN SCHEMA marketing TO \(readerName);
        END IF;
      END $$
      """)
    let url = database.url.replacing("user=postgres", with: "user=\(readerName)")
    return try await PostgresConnection.connect(to: try ConnectionString(url), options: options)
  }

  func removeReader() async throws {
    try await sql("DROP OWNED BY \(readerName); DROP ROLE \(readerName)")
  }
}
