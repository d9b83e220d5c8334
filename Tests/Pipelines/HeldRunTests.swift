import Runs
import State
import Testing

/// Publications that wait for a person.
@Suite struct HeldRunTests {
  private static let shown = "SELECT user_id, plan FROM marketing.users_current"

  /// Ten users are published for the first; for the second, half of them have left.
  private func withHeld(
    _ write: String = "max_change: 20%", more: String = "",
    _ body: (TestProject, _ first: Int, _ held: Int) async throws -> Void
  ) async throws {
    try await withProject { project in
      try await project.setUpNightlyUsers()
      try project.writeNightly(write, more: more)
      let first = try await project.run(asOf: "2024-06-01")
      try await project.sql("DELETE FROM shop.users WHERE user_id > 5")
      let held = try await project.run(asOf: "2024-06-02", expecting: .held)
      try await body(project, first.run, held.run)
    }
  }

  @Test func `what changes too much is loaded and not shown until it is approved`() async throws {
    try await withHeld { project, first, held in
      #expect(
        try await project.texts("SELECT DISTINCT run_id FROM marketing.users") == ["\(first)"])
      #expect(
        try await project.text("SELECT error FROM roost.runs WHERE run_id = \(held)")
          == "marketing.users: 50% of the 10 rows of the last publication (run \(first), 2024-06-01) "
          + "would change (0 rows added, 5 removed, 0 changed), and max_change is 20%")
      try await project.heldRuns.approve(held, by: "maria@host")
      #expect(
        try await project.rows(Self.shown)
          == ["(1,free)", "(2,free)", "(3,free)", "(4,free)", "(5,free)"])
      #expect(
        try await project.rows("SELECT kind, run_id, made_by FROM roost.decisions")
          == ["(approve,\(held),maria@host)"])
      #expect(
        try await project.rows("SELECT state, error, held FROM roost.runs WHERE run_id = \(held)")
          == ["(succeeded,,)"])
      // It is over: nobody can approve it twice, or let it go.
      await #expect(throws: RunError.self) { try await project.heldRuns.approve(held, by: "x") }
      await #expect(throws: RunError.self) { try await project.heldRuns.cancel(held, by: "x") }
      try await project.wait(for: "NOT EXISTS (SELECT FROM \(TestProject.advisoryLocks))")
    }
  }

  @Test func `what does not hold is held too, and a first publication passes a limit`() async throws
  {
    try await withProject { project in
      try await project.setUpNightlyUsers()
      try project.writeNightly("max_change: 0%, expect: [ { rows: '>= 5' } ]")
      try await project.run(asOf: "2024-06-01")
      try await project.run(asOf: "2024-06-02")
      try project.writeNightly("expect: [ { rows: '>= 11' }, { accepted: { plan: [gold] } } ]")
      let held = try await project.run(asOf: "2024-06-03", expecting: .held)
      let error = held.outcome.error ?? ""
      #expect(error.contains("expected rows >= 11, found 10"), "\(error)")
      #expect(error.contains("expected plan to be gold, found 10 of 10 rows"), "\(error)")
      #expect(
        try await project.texts("SELECT DISTINCT as_of::date FROM marketing.users").count == 2)
    }
  }

  @Test func `the columns that a limit looks at decide what counts as changed`() async throws {
    try await withProject { project in
      try await project.setUpNightlyUsers()
      try project.writeNightly("max_change: { within: 10%, columns: [plan] }")
      try await project.run(asOf: "2024-06-01")
      try await project.sql("UPDATE shop.users SET score = 2")
      try await project.run(asOf: "2024-06-02")
      try await project.sql("UPDATE shop.users SET plan = 'paid' WHERE user_id = 1")
      try await project.run(asOf: "2024-06-03")
      try await project.sql("UPDATE shop.users SET plan = 'gold' WHERE user_id <= 2")
      try await project.run(asOf: "2024-06-04", expecting: .held)
      try project.writeNightly("max_change: { within: 0%, columns: [] }")
      try await project.run(asOf: "2024-06-05")
      try await project.sql("DELETE FROM shop.users WHERE user_id = 7")
      try await project.run(asOf: "2024-06-06", expecting: .held)
    }
  }

  @Test func `rows of a held run survive other runs, and its SQL runs when it is approved`()
    async throws
  {
    let counts = """
        counts:
          after: publish
          sql:
            run: >-
              DELETE FROM marketing.counts WHERE day = :as_of;
              INSERT INTO marketing.counts SELECT :as_of, :run_id, count(*) FROM marketing.users_current
            creates: { marketing.counts: { day: timestamptz, run: bigint, users: bigint } }
      """
    try await withHeld(more: counts) { project, first, held in
      #expect(try await project.count("marketing.counts") == 1)
      // Another table of other columns, and runs that sweep. The files are no longer what they were.
      try await project.sql("ALTER TABLE shop.users ADD COLUMN city text DEFAULT 'Kiel'")
      try project.writeNightly()
      try await project.run(asOf: "2024-05-20")
      #expect(
        try await project.relations(in: "roost_data", kinds: "'r'").contains(
          "marketing_users_r\(held)_1"))
      try await project.heldRuns.approve(held, by: "maria")
      #expect(
        try await project.rows("SELECT day::date, run, users FROM marketing.counts")
          == ["(2024-06-01,\(first),10)", "(2024-06-02,\(held),5)"])
      #expect(
        try await project.texts("SELECT DISTINCT coalesce(city, '?') FROM marketing.users_current")
          == ["?"])
      #expect(
        try await project.texts(
          "SELECT state FROM roost.stages WHERE run_id = \(held) AND stage = 'counts'")
          == ["succeeded"])
    }
  }

  @Test func `a run that is let go leaves nothing`() async throws {
    try await withHeld { project, first, held in
      try await project.heldRuns.cancel(held, by: "maria")
      #expect(
        try await project.relations(in: "roost_data", kinds: "'r'") == [
          "marketing_users_r\(first)_1"
        ]
      )
      #expect(
        try await project.rows("SELECT state, error FROM roost.runs WHERE run_id = \(held)")
          == ["(cancelled,\"maria let it go\")"])
      await #expect(throws: RunError.self) { try await project.heldRuns.approve(held, by: "x") }
      #expect(try await project.count("marketing.users_current") == 10)
    }
  }

  @Test func `another run for the same as-of takes a held run's place`() async throws {
    try await withHeld { project, _, held in
      let second = try await project.run(asOf: "2024-06-02", expecting: .held)
      #expect(
        try await project.rows("SELECT state, error FROM roost.runs WHERE run_id = \(held)")
          == ["(cancelled,\"run \(second.run) for the same as-of took its place\")"])
      try project.writeNightly()
      let third = try await project.run(asOf: "2024-06-02")
      #expect(
        try await project.text("SELECT state FROM roost.runs WHERE run_id = \(second.run)")
          == "cancelled")
      #expect(
        try await project.relations(in: "roost_data", kinds: "'r'").last
          == "marketing_users_r\(third.run)_1")
    }
  }

  @Test func `a held run that is made again holds what it has loaded then`() async throws {
    try await withHeld(
      more: "  again: { write: { input: known, table: marketing.again, key: user_id } }"
    ) { project, _, held in
      try await project.sql("DELETE FROM shop.users WHERE user_id = 5")
      try project.writeNightly("max_change: 20%")
      let again = try await project.run(asOf: "2024-06-02", resumes: true, expecting: .held)
      #expect(again.run == held)
      try await project.heldRuns.approve(held, by: "maria")
      #expect(try await project.count("marketing.users_current") == 4)
      #expect(
        try await project.texts(
          "SELECT event FROM roost.events WHERE run_id = \(held) AND stage IS NULL ORDER BY event_id"
        )
          == ["begin", "hold", "resume", "hold", "approve"])
      #expect(
        try await project.texts("SELECT target FROM roost.loads WHERE run_id = \(held)")
          == ["marketing.users"])
    }
  }

  @Test func `a run under way ends when that is asked for`() async throws {
    try await withProject { project in
      try await project.setUpNightlyUsers()
      try project.writeNightly()
      try await project.run(asOf: "2024-06-01")
      // A load begins with this lock.
      let holder = try await project.database.connect()
      try await holder.query(
        "SELECT pg_advisory_lock(hashtextextended('roost.target/marketing.users', 0))")
      let running = Task { try await project.run(asOf: "2024-06-02", expecting: .cancelled) }
      try await project.wait(
        for: "EXISTS (SELECT FROM \(TestProject.advisoryLocks) AND NOT granted)")
      #expect(try await project.heldRuns.cancel(2, by: "maria") == .asked)
      _ = try await running.value
      await holder.close()
      #expect(try await project.count("marketing.users_current") == 10)
    }
  }

  @Test func `what is not kept any longer goes when a run is approved, not a night later`()
    async throws
  {
    try await withHeld("max_change: 20%, keep: 12h") { project, first, held in
      try await project.heldRuns.approve(held, by: "maria")
      #expect(
        try await project.texts("SELECT run_id FROM roost.publications ORDER BY 1") == ["\(held)"])
      #expect(try await project.count("marketing.users WHERE run_id = \(first)") == 0)
    }
  }

  @Test func `readers are taken back to an older as-of only when that is asked for`() async throws {
    try await withHeld { project, _, held in
      try project.writeNightly()
      let newer = try await project.run(asOf: "2024-06-03")
      let error = await #expect(throws: DecisionError.self) {
        try await project.heldRuns.approve(held, by: "maria")
      }
      #expect(
        error.map { "\($0)" }?.contains("run \(newer.run) with the later as-of 2024-06-03") == true)
      #expect(
        try await project.texts("SELECT DISTINCT run_id FROM marketing.users_current")
          == ["\(newer.run)"])
      try await project.heldRuns.approve(held, by: "maria", overNewer: true)
      #expect(
        try await project.texts("SELECT DISTINCT run_id FROM marketing.users_current") == [
          "\(held)"
        ])
      // The next night goes on as always.
      let next = try await project.run(asOf: "2024-06-04")
      #expect(
        try await project.texts("SELECT DISTINCT run_id FROM marketing.users_current")
          == ["\(next.run)"])
    }
  }

  @Test func `the program says what it holds and takes a person's word`() async throws {
    try await withHeld { project, first, held in
      // Nothing but the project file is at hand.
      try project.write(TestProject.pipeline, "")
      let program = project.program
      let diff = try await program.run("diff")
      #expect(diff.status == 0)
      #expect(diff.output.contains("held because marketing.users: 50%"), "\(diff.output)")
      #expect(diff.output.contains("run \(first), 2024-06-01"), "\(diff.output)")
      #expect(!diff.output.contains("removed user_id"))
      try await project.sql(
        "UPDATE roost.runs SET finished_at = now() - interval '2 days' WHERE run_id = \(held)")
      let waits = try await program.run("metrics").output
        .firstMatch(of: /roost_held_seconds\{pipeline="test",environment=""\} ([0-9]+)/)
      let seconds = try #require(waits.flatMap { Int($0.1) })
      #expect((172_800..<180_000).contains(seconds))
      let keys = try await program.run("diff", "\(held)", "--keys", "--limit", "2")
      #expect(keys.output.contains("removed user_id: 6, 7\n"), "\(keys.output)")
      #expect(try await program.run("approve", "\(held)").status == 0)
      #expect(try await project.count("marketing.users_current") == 5)
      let shown = try await program.run("show", "\(held)")
      #expect(shown.output.contains("approved by "), "\(shown.output)")
      let again = try await program.run("approve", "\(held)")
      #expect(again.status == 1)
      #expect(again.errors.contains("run \(held) is succeeded, not held"), "\(again.errors)")
      #expect(try await program.run("cancel", "99").status == 1)
      let back = try await program.run("rollback", "test")
      #expect(back.status == 0)
      #expect(back.errors.contains("readers see run \(first) as of 2024-06-01"), "\(back.errors)")
      #expect(try await project.count("marketing.users_current") == 10)
      #expect(
        try await program.run("show", "\(held)").output.contains("rolled back to run \(first) by "))
    }
    try await withProject { project in
      try await project.setUpNightlyUsers()
      try project.writeNightly("expect: [ { rows: '>= 11' } ]")
      let held = try await project.program.run("run", TestProject.pipeline)
      #expect(held.status == 3)
      #expect(held.errors.contains("publish it: roost approve 1; let it go: roost cancel 1"))
    }
  }
}
