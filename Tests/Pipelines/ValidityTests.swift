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
}
