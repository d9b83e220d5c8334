import Testing

/// Tables of changing attributes show at each instant what held just before it.
@Suite struct ValidityTests {
  @Test func `each cutoff sees the attributes of its day`() async throws {
    try await withProject(timezone: "Europe/Berlin") { project in
      try await project.sql(
        """
        CREATE SCHEMA shop;
        CREATE TABLE shop.levels AS
        SELECT u AS user_id, k AS level, timestamptz '2026-01-01 00:00+01' + u * interval '1 hour'
            + k * interval '9 days' AS since,
          CASE WHEN k < 9 THEN timestamptz '2026-01-01 00:00+01' + u * interval '1 hour'
            + (k + 1) * interval '9 days' END AS until
        FROM generate_series(0, 40) u, generate_series(0, 9) k;
        -- Changes exactly at the instants that are asked for.
        UPDATE shop.levels SET since = '2026-02-01 00:00+01' WHERE user_id = 7 AND level = 4;
        UPDATE shop.levels SET until = '2026-02-01 00:00+01' WHERE user_id = 7 AND level = 3;
        """)
      let cutoffs = ["2026-01-01", "2026-02-01", "2026-03-29", "2026-05-01"]
      let instants = cutoffs.map { "'\($0)'" }.joined(separator: ", ")
      try project.write(
        stages: """
            levels:
              extract:
                { from: shop, table: shop.levels, key: user_id, valid_from: since, valid_to: until }
            probe: { probe: { input: levels, at: [\(instants)] } }
            publish: { write: { input: levels, table: marketing.levels, key: user_id } }
            publish_probe: { write: { input: probe, table: marketing.probe, key: [cutoff, user_id] } }
          """, timezone: "Europe/Berlin")
      try await project.run()
      let held = "since < cutoff AND (until IS NULL OR until >= cutoff)"
      let past = try await project.difference(
        "SELECT cutoff, user_id, level FROM marketing.probe_current",
        """
        SELECT cutoff, user_id, level FROM shop.levels,
          (SELECT c::timestamp AT TIME ZONE 'Europe/Berlin' AS cutoff
            FROM unnest(ARRAY['\(cutoffs.joined(separator: "','"))']) c) s
        WHERE \(held)
        """)
      #expect(past.isEmpty, "\(past)")
      let now = try await project.difference(
        "SELECT user_id, level FROM marketing.levels_current",
        """
        SELECT user_id, level FROM shop.levels, (VALUES (timestamptz '2026-06-01 00:00+02')) s (cutoff)
        WHERE \(held)
        """)
      #expect(now.isEmpty, "\(now)")
      #expect(try await project.count("marketing.probe_current") > 100)
    }
  }

  /// What began in a label's window began, whatever became of it since: the same cutoff has the same
  /// labels in every later run.
  @Test func `a label sees rows that have ended since`() async throws {
    try await withProject { project in
      try await project.sql(
        """
        CREATE SCHEMA shop;
        CREATE TABLE shop.users AS
        SELECT g AS user_id, timestamptz '2025-01-01' AS since FROM generate_series(1, 400) g;
        SELECT setseed(0.1);
        CREATE TABLE shop.plans AS
        SELECT g AS user_id, d AS began, d + (5 + random() * 100) * interval '1 day' AS ended
        FROM (SELECT g, timestamptz '2025-12-01' + random() * interval '180 days' AS d
          FROM generate_series(1, 400) g) p;
        CREATE TABLE shop.visits AS
        SELECT n, 1 + n % 400 AS user_id, timestamptz '2025-12-01' + n * interval '3 hours' AS at
        FROM generate_series(1, 1400) n;
        """)
      try project.write(
        stages: """
            users: { extract: { from: shop, table: shop.users, key: user_id, time: since } }
            plans:
              extract:
                { from: shop, table: shop.plans, key: [user_id, began], valid_from: began, valid_to: ended }
            visits: { extract: { from: shop, table: shop.visits, key: n, time: at } }
            f:
              features: { entity: users.user_id, from: { visits: { ever: { visits: count(*), last: days_since(max(at)) } } } }
            m:
              train:
                features: f
                label: { name: subscribed, from: plans, is: count(*) > 0, within: 30d }
                cutoffs: { every: 30d, count: 2 }
          """)
      var seen: [String: Set<Int>] = [:]
      for asOf in ["2026-04-02", "2026-05-02", "2026-06-01"] {
        let ran = try await project.run(asOf: asOf, publishes: false)
        guard case .array(let cutoffs)? = ran.result(of: "m")?.details["cutoffs"] else {
          Issue.record("no cutoffs")
          return
        }
        for cutoff in cutoffs {
          guard let at = cutoff["as_of"]?.string,
            case .integer(let positives)? = cutoff["positives"]
          else { continue }
          seen[at, default: []].insert(positives)
        }
      }
      #expect(seen.count == 5, "\(seen)")
      for (cutoff, positives) in seen {
        let truth = try await project.texts(
          """
          SELECT count(DISTINCT user_id)::text FROM shop.plans
          WHERE began >= '\(cutoff)' AND began < timestamptz '\(cutoff)' + interval '30 days'
          """)
        #expect(positives.map { "\($0)" } == truth, "\(cutoff)")
      }
    }
  }
}
