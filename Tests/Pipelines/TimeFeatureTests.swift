import Testing

/// Features of the times of rows, windows and filters together, compared with hand-written SQL.
@Suite struct TimeFeatureTests {
  private static let cutoffs = [
    "2026-03-29", "2026-03-30", "2026-03-30T12:00", "2026-06-01T23:59", "2026-10-26",
  ]

  /// Each feature with a query over the rows `s` of a window, before the cutoff `c`, of local time
  /// `l`.
  private static let features = [
    ("visits", "sessions('30 minutes')", "SELECT count(*) FROM v"),
    (
      "minutes", "avg_session_minutes('30 minutes')",
      "SELECT avg(extract(epoch FROM length) / 60) FROM v"
    ),
    ("depth", "avg_session_depth('30 minutes')", "SELECT avg(rows) FROM v"),
    ("bounces", "bounce_rate('30 minutes')", "SELECT avg((rows = 1)::int) FROM v"),
    ("gap", "avg_gap_days()", "SELECT avg(extract(epoch FROM g)) / 86400 FROM g"),
    (
      "variation", "gap_variation()",
      """
      SELECT CASE WHEN count(g) > 1
        THEN stddev(extract(epoch FROM g)) / nullif(avg(extract(epoch FROM g)), 0) END FROM g
      """
    ),
    (
      "gap_of_views", "avg_gap_days() filter (where kind = 'view')",
      """
      SELECT extract(epoch FROM max(t) - min(t)) / 86400 / nullif(count(*) - 1, 0)
      FROM s WHERE kind = 'view'
      """
    ),
    (
      "trend", "slope(score)",
      """
      SELECT CASE WHEN count(DISTINCT t) > 1
        THEN regr_slope(score, extract(epoch FROM t - c) / 86400)::numeric END
      FROM s WHERE score IS NOT NULL
      """
    ),
    ("streak", "longest_streak('day')", "SELECT coalesce(max(days), 0) FROM i"),
    (
      "now", "current_streak('day')",
      """
      SELECT coalesce(max(days), 0) FROM i
      WHERE last >= (c AT TIME ZONE 'Europe/Berlin')::date - 1
      """
    ),
    ("kiel", "share(city = 'Kiel')", "SELECT avg((city = 'Kiel')::int) FROM s"),
    (
      "variety", "entropy(city)",
      """
      SELECT -sum(p * ln(p)) FROM (SELECT count(*) / sum(count(*)) OVER () AS p
        FROM s WHERE city IS NOT NULL GROUP BY city) p
      """
    ),
    (
      "night", "hour_share(22, 6)",
      "SELECT avg((extract(hour FROM l) >= 22 OR extract(hour FROM l) < 6)::int) FROM s"
    ),
    ("weekend", "weekend_share()", "SELECT avg((extract(isodow FROM l) > 5)::int) FROM s"),
  ]

  private static var stages: String {
    let windowed = features.map { "\($0.0): \"\($0.1)\"" }.joined(separator: "\n            ")
    return """
        users:
          extract: { from: shop, table: shop.users, key: user_id, time: signed_up_at }
        visits:
          extract: { from: shop, table: shop.visits, key: visit_id, time: visited_at }
        features:
          features:
            entity: users.user_id
            windows: [60d, 1d, 7d]
            from:
              visits:
                where: kind <> 'error'
                windowed:
                  \(windowed)
                ever:
                  all_visits: sessions('30 minutes')
        probe: { probe: { input: features, at: ['\(cutoffs.joined(separator: "', '"))'] } }
        publish_probe:
          { write: { input: probe, table: marketing.probed, key: [cutoff, user_id] } }
      """
  }

  /// Views in bursts around borders and changes of clocks, of which users have from none to many.
  private static var rows: String {
    let columns = features.map { "\($0.0) numeric" }.joined(separator: ", ")
    let queries = features.map { "(\($0.2))::numeric" }.joined(separator: ",\n        ")
    return """
      CREATE SCHEMA shop;
      SELECT setseed(0.75);
      CREATE TABLE shop.users AS
      SELECT i::int8 AS user_id, timestamptz '2025-01-01 00:00+00' AS signed_up_at
      FROM generate_series(1, 25) i;
      CREATE TABLE shop.visits AS
      SELECT row_number() OVER () AS visit_id, (random() * random() * 25)::int8 AS user_id,
        CASE WHEN random() < 0.1 THEN b ELSE b + (random() - 0.9) * spread END AS visited_at,
        (ARRAY['view', 'cart', 'error'])[1 + (random() * 2)::int] AS kind,
        (ARRAY['Kiel', 'Bonn', 'Ulm', NULL])[1 + (random() * 3)::int] AS city,
        (ARRAY[1.5, 2, 3.25, NULL])[1 + (random() * 3)::int]::float8 AS score
      FROM (SELECT t AT TIME ZONE 'Europe/Berlin' - d AS b
          FROM unnest(ARRAY['\(cutoffs.joined(separator: "','"))']::timestamp[]) t,
            unnest(ARRAY['0', '1 day', '7 days', '60 days', '10 days 1 us']::interval[]) d) b,
        unnest(ARRAY['2 hours', '12 hours', '9 days', '80 days']::interval[]) spread,
        generate_series(1, 60);
      CREATE FUNCTION shop.expected(u int8, w timestamptz, c timestamptz) RETURNS TABLE (\(columns))
      LANGUAGE sql AS $$
        WITH s AS (
          SELECT *, visited_at AS t, visited_at AT TIME ZONE 'Europe/Berlin' AS l,
            row_number() OVER (ORDER BY visited_at) AS n
          FROM shop.visits
          WHERE user_id = u AND kind <> 'error' AND visited_at >= w AND visited_at < c),
        g AS (SELECT t, n, t - lag(t) OVER (ORDER BY n) AS g FROM s),
        v AS (SELECT count(*) AS rows, max(t) - min(t) AS length FROM (
            SELECT t, count(*) FILTER (WHERE g > interval '30 minutes') OVER (ORDER BY n) AS visit
            FROM g) v
          GROUP BY visit),
        i AS (SELECT count(*) AS days, max(day) AS last FROM (
            SELECT day, day - (row_number() OVER (ORDER BY day))::int AS island
            FROM (SELECT DISTINCT l::date AS day FROM s) d) i
          GROUP BY island)
        SELECT \(queries)
      $$;
      """
  }

  @Test func `features of times at past cutoffs equal those of SQL`() async throws {
    try await withProject { project in
      try await project.sql(Self.rows)
      try project.write(stages: Self.stages, timezone: "Europe/Berlin")
      try await project.run(asOf: "2026-12-24")
      let windows = [("1d", "1 day"), ("7d", "7 days"), ("60d", "60 days")]
      func columns(_ name: (String, String) -> String) -> String {
        windows.flatMap { window in
          Self.features.map { "round(\(name($0.0, window.0))::numeric, 6)" }
        }.joined(separator: ", ")
      }
      let expected = windows.map { name, span in
        """
        CROSS JOIN LATERAL shop.expected(user_id,
          (t - interval '\(span)') AT TIME ZONE 'Europe/Berlin', cutoff) AS w\(name)
        """
      }.joined(separator: "\n")
      let found = "SELECT cutoff, user_id, \(columns { "\($0)_\($1)" }), all_visits"
      #expect(try await project.count("marketing.probed_current") == 125)
      #expect(try await project.count("marketing.probed_current WHERE depth_7d > 1.5") > 20)
      #expect(try await project.count("marketing.probed_current WHERE gap_7d IS NULL") > 5)
      #expect(
        try await project.difference(
          "\(found) FROM marketing.probed_current",
          """
          SELECT cutoff, user_id, \(columns { "w\($1).\($0)" }), w.visits::int8
          FROM (SELECT t, t AT TIME ZONE 'Europe/Berlin' AS cutoff FROM
            unnest(ARRAY['\(Self.cutoffs.joined(separator: "','"))']::timestamp[]) t) c
          CROSS JOIN shop.users \(expected)
          CROSS JOIN LATERAL shop.expected(user_id, '-infinity', cutoff) AS w
          """) == [])
    }
  }
}
