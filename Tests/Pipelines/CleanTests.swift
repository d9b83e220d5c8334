import Testing

/// Steps that look at several rows see at a past cutoff only what was known before it.
@Suite struct CleanTests {
  private static let cutoffs = ["2026-02-01", "2026-03-15T13:00", "2026-04-10", "2026-05-31"]

  private static let rows = """
    CREATE SCHEMA shop;
    SELECT setseed(0.75);
    CREATE TABLE shop.orders AS
    SELECT (1 + random() * 400)::int8 AS order_id, (1 + random() * 20)::int8 AS user_id,
      (random() * 100 * (1 + i % 200))::numeric(12,2) AS amount,
      CASE WHEN random() < 0.3 THEN NULL ELSE (random() * i / 100)::int END AS stars,
      CASE WHEN random() < 0.3 THEN NULL ELSE substr('abcde', 1 + (random() * i / 400)::int, 1) END
        AS grade,
      t AS ordered_at, t + random() * interval '20 days' AS updated_at,
      t + random() * interval '30 days' AS loaded_at
    FROM (SELECT i, timestamptz '2026-01-01 00:00+00' + i * interval '2 hours' AS t
      FROM generate_series(1, 1700) i) s;
    """

  private static let cleaning = """
      orders:
        extract:
          { from: shop, table: shop.orders, key: order_id, time: ordered_at, arrived: loaded_at }
      clean:
        clean:
          input: orders
          steps:
            - set: { grade: upper(grade) }
            - deduplicate: { by: order_id, keep: latest, order: updated_at }
            - clip: { column: amount, to: [p5, p95] }
            - fill: { column: stars, from: median }
            - fill: { column: grade, from: mode }
    """

  /// The clean stage by hand at each cutoff.
  private static func expected(_ cutoffs: [String]) -> String {
    """
    SELECT cutoff, k.order_id, k.user_id,
      least(greatest(k.amount, q.low), q.high) AS amount, coalesce(k.stars, q.median) AS stars,
      coalesce(k.grade, q.mode) AS grade, k.ordered_at, k.updated_at, k.loaded_at
    FROM unnest(ARRAY['\(cutoffs.joined(separator: "','"))']::timestamptz[]) cutoff
    CROSS JOIN LATERAL (SELECT percentile_disc(0.05) WITHIN GROUP (ORDER BY amount) AS low,
        percentile_disc(0.95) WITHIN GROUP (ORDER BY amount) AS high,
        percentile_disc(0.5) WITHIN GROUP (ORDER BY stars) AS median,
        mode() WITHIN GROUP (ORDER BY grade) AS mode
      FROM (\(latest)) d) q
    CROSS JOIN LATERAL (\(latest)) k
    """
  }

  private static let latest = """
    SELECT DISTINCT ON (order_id) order_id, user_id, amount, stars, upper(grade) AS grade,
      ordered_at, updated_at, loaded_at
    FROM shop.orders WHERE ordered_at < cutoff AND loaded_at < cutoff
    ORDER BY order_id, updated_at DESC
    """

  @Test func `deduplicate, clip and fill use nothing from after a cutoff`() async throws {
    try await withProject { project in
      try await project.sql(Self.rows)
      let cutoffs = Self.cutoffs.map { "'\($0)'" }.joined(separator: ", ")
      try project.write(
        stages: Self.cleaning + """

            again: { clean: { input: clean, steps: [ { reject: { where: stars < 2, reason: few } } ] } }
            probe: { probe: { input: clean, at: [\(cutoffs)] } }
            probe_again: { probe: { input: again, at: [\(cutoffs)] } }
            publish: { write: { input: clean, table: marketing.clean, key: order_id } }
            publish_probe:
              { write: { input: probe, table: marketing.probed, key: [cutoff, order_id] } }
            publish_again:
              { write: { input: probe_again, table: marketing.again, key: [cutoff, order_id] } }
          """)
      try await project.run()
      let columns = "order_id, user_id, amount, stars, grade, ordered_at, updated_at, loaded_at"
      #expect(
        try await project.difference(
          "SELECT cutoff, \(columns) FROM marketing.probed_current",
          Self.expected(Self.cutoffs)) == [])
      #expect(
        try await project.difference(
          "SELECT cutoff, \(columns) FROM marketing.again_current",
          "SELECT * FROM (\(Self.expected(Self.cutoffs))) e WHERE stars >= 2") == [])
      #expect(
        try await project.difference(
          "SELECT as_of, \(columns) FROM marketing.clean_current",
          Self.expected(["2026-06-01 00:00+00"])) == [])
      // The cutoffs are worth asking at: what each knows gives other bounds.
      #expect(
        try await project.texts(
          "SELECT DISTINCT max(amount) FROM marketing.probed_current GROUP BY cutoff"
        ).count
          == Self.cutoffs.count)
    }
  }

  @Test func `features at a cutoff come from rows as cleaned at that cutoff`() async throws {
    try await withProject { project in
      try await project.sql(Self.rows)
      let cutoffs = Self.cutoffs.map { "'\($0)'" }.joined(separator: ", ")
      try project.write(
        stages: Self.cleaning + """

            features:
              features:
                entity: orders.user_id
                from:
                  clean: { ever: { spend: sum(amount), stars: sum(stars), best: min(grade) } }
            probe: { probe: { input: features, at: [\(cutoffs)] } }
            publish:
              { write: { input: probe, table: marketing.probed, key: [cutoff, user_id] } }
          """)
      try await project.run()
      #expect(
        try await project.difference(
          "SELECT cutoff, user_id, spend, stars, best FROM marketing.probed_current WHERE spend IS NOT NULL",
          """
          SELECT cutoff, user_id, sum(amount), sum(stars), min(grade COLLATE "C")
          FROM (\(Self.expected(Self.cutoffs))) e GROUP BY 1, 2
          """) == [])
    }
  }
}
