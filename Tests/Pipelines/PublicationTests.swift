import Runs
import Synchronization
import Testing

/// What a run publishes and when readers see it.
@Suite struct PublicationTests {
  @Test func `rows dated at or after the as-of, or known later, change nothing`() async throws {
    try await withProject { project in
      try await project.setUpSmallShop()
      try await project.run()
      let before = try await project.published()
      #expect(before.values.allSatisfy { !$0.isEmpty })
      try await project.sql(
        """
        INSERT INTO shop.users VALUES (900, 'new@example.com', true, '2026-06-01 00:00+00');
        -- Dated at the as-of, after it, and before it but known at it or later.
        INSERT INTO shop.orders
        SELECT 100000 + row_number() OVER (), u, 9999, 100, 'x', 1, t, t, l
        FROM generate_series(1, 120) u, (VALUES
          (timestamptz '2026-06-01 00:00+00', timestamptz '2026-06-01 00:00+00'),
          ('2026-06-03 00:00+00', '2026-05-03 00:00+00'),
          ('2026-05-30 00:00+00', '2026-06-01 00:00+00'),
          ('2026-05-30 00:00+00', '2026-06-02 00:00+00'),
          (NULL, '2026-05-30 00:00+00'), ('2026-05-30 00:00+00', NULL)) s (t, l);
        -- Later versions of orders that are there.
        INSERT INTO shop.orders
        SELECT order_id, user_id, 1, 1, city, stock, ordered_at, '2026-06-05', '2026-06-01 00:00+00'
        FROM shop.orders WHERE order_id < 100;
        INSERT INTO shop.sends
        SELECT 1000 + i, i, '2026-06-01 00:00+00' FROM generate_series(1, 120) i;
        """)
      try await project.run()
      #expect(try await project.published() == before)

      // The same rows a moment earlier do change something: the comparison can fail.
      try await project.sql(
        """
        UPDATE shop.orders SET loaded_at = timestamptz '2026-06-01 00:00+00' - interval '1 us'
        WHERE loaded_at = '2026-06-01 00:00+00' AND ordered_at < '2026-06-01 00:00+00'
          AND user_id % 3 = 0
        """)
      try await project.run()
      #expect(try await project.published() != before)
    }
  }

  @Test func `rows in another physical order give the same tables`() async throws {
    try await withProject { project in
      try await project.setUpSmallShop()
      try await project.run()
      let before = try await project.published()
      for table in ["users", "orders", "sends"] {
        try await project.sql(
          """
          CREATE TEMP TABLE shuffled AS SELECT * FROM shop.\(table) ORDER BY random();
          TRUNCATE shop.\(table);
          INSERT INTO shop.\(table) SELECT * FROM shuffled;
          DROP TABLE shuffled;
          """)
      }
      try await project.run()
      #expect(try await project.published() == before)
    }
  }

  @Test func `the same as-of run twice shows its rows once, those of the newer run`() async throws {
    try await withProject { project in
      try await project.setUpSmallShop()
      let first = try await project.run()
      let rows = try await project.count("marketing.features")
      let second = try await project.run()
      #expect(second.run > first.run)
      #expect(rows > 0)
      for table in SmallShop.tables.flatMap({ [$0, $0 + "_current"] }) {
        #expect(
          try await project.texts("SELECT DISTINCT run_id FROM \(table)") == ["\(second.run)"])
      }
      #expect(try await project.count("marketing.features") == rows)
    }
  }

  @Test func `an older as-of joins the history and leaves the current view alone`() async throws {
    try await withProject { project in
      try await project.setUpSmallShop()
      let newer = try await project.run(asOf: "2026-06-01")
      let current = try await project.published()
      let older = try await project.run(asOf: "2026-05-20")
      #expect(try await project.published() == current)
      #expect(
        try await project.texts(
          "SELECT DISTINCT as_of::date || ' ' || run_id FROM marketing.scores ORDER BY 1")
          == ["2026-05-20 \(older.run)", "2026-06-01 \(newer.run)"])
    }
  }

  @Test func `an environment has schemas of its own`() async throws {
    try await withProject { project in
      try await project.setUpSmallShop()
      let dev = try await project.run(environment: "dev")
      #expect(try await project.relations(in: "marketing") == [])
      #expect(try await project.count("marketing__dev.scores_current") > 0)
      #expect(try await project.count("marketing__dev.campaign_assignments_current") > 0)
      try await project.run()
      #expect(
        try await project.texts("SELECT DISTINCT run_id FROM marketing__dev.scores")
          == ["\(dev.run)"])
      #expect(
        try await project.difference(
          "SELECT as_of, user_id, churn_probability FROM marketing__dev.scores_current",
          "SELECT as_of, user_id, churn_probability FROM marketing.scores_current") == [])
    }
  }

  @Test func `a run that does not publish writes nothing but its own rows`() async throws {
    try await withProject { project in
      try await project.setUpSmallShop()
      try await project.run(publishes: false)
      #expect(try await project.relations(in: "marketing") == [])
      #expect(try await project.relations(in: "roost_data", kinds: "'r', 'p', 'v'") == [])
      #expect(try await project.texts("SELECT state FROM roost.runs") == ["succeeded"])
      #expect(try await project.count("roost.stages") == 12)
      #expect(try await project.count("roost.publications") == 0)
    }
  }

  @Test func `readers never see nothing, an error, or two runs`() async throws {
    try await withProject { project in
      try await project.setUpSmallShop()
      // Only what a publication needs: the rest would make this slow, and no harder.
      try project.write(
        stages: """
            users:
              extract: { from: shop, table: shop.users, key: user_id, time: signed_up_at }
            ids: { clean: { input: users, steps: [ { set: { email: "'hidden'" } } ] } }
            publish: { write: { input: ids, table: marketing.ids, key: user_id, keep: 2d } }
          """)
      try await project.run(asOf: "2026-06-01")
      let reader = try await project.database.connect()
      let isOver = Flag()
      let reading = Task {
        var seen: Set<String> = []
        repeat {
          for row in try await reader.query(
            """
            SELECT count(*) || ' rows of ' || count(DISTINCT run_id) || ' run' AS seen
            FROM marketing.ids_current
            """)
          { seen.insert(try row.string(0)) }
        } while !isOver.isSet
        return seen
      }
      for day in 2...11 {
        try await project.run(asOf: "2026-06-\(day < 10 ? "0" : "")\(day)")
      }
      isOver.set()
      #expect(try await reading.value == ["120 rows of 1 run"])
      await reader.close()
    }
  }
}

/// Tells a task that it may end.
private final class Flag: Sendable {
  private let value = Atomic(false)

  var isSet: Bool { value.load(ordering: .acquiring) }
  func set() { value.store(true, ordering: .releasing) }
}
