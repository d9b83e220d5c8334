import Testing

/// Features compared with hand-written SQL, with rows that lie exactly on the borders of windows.
@Suite struct FeatureTests {
  /// Around both changes of clocks in Berlin, at their very hour and on ordinary days.
  private static let cutoffs = [
    "2025-12-31", "2026-03-29", "2026-03-29T12:00", "2026-03-30", "2026-03-30T02:30", "2026-04-05",
    "2026-06-01", "2026-10-25", "2026-10-26", "2026-10-26T02:30", "2026-11-24",
  ]
  private static let local = cutoffs.map { $0.count > 10 ? $0 : $0 + "T00:00" }

  private static let stages = """
      users:
        extract: { from: shop, table: shop.users, key: user_id, time: signed_up_at }
      orders:
        extract:
          { from: shop, table: shop.orders, key: order_id, time: ordered_at, arrived: loaded_at }
      visits:
        extract: { from: shop, table: shop.visits, key: visit_id, time: visited_at }
      stays:
        extract: { from: shop, table: shop.stays, key: stay_id, time: day }
      features:
        features:
          entity: users.user_id
          windows: [1d, 7d, 36h, 30d]
          from:
            orders:
              where: status <> 'cancelled'
              windowed:
                orders: count(*)
                spend: sum(amount)
                discount_share: sum(discount) / nullif(sum(amount + discount), 0)
                large: count(*) filter (where amount > 50)
                cities: count(distinct city)
                dearest: max(amount)
              ever:
                recency_days: days_since(max(ordered_at))
                cheapest: min(amount)
            visits:
              entity: visitor
              windowed:
                views: count(*) filter (where kind = 'view')
            stays:
              windowed:
                stays: count(*)
              ever:
                last_stay_days: days_since(max(day))
          derived:
            spend_trend: spend_7d / nullif(spend_30d / 4, 0)
            is_back: recency_days < 3 and orders_30d > 1
      publish: { write: { input: features, table: marketing.features, key: user_id } }
    """

  /// Times of three kinds: instants, local times without a zone, and days.
  private static var rows: String {
    """
    CREATE SCHEMA shop;
    CREATE TABLE shop.cutoffs AS
    SELECT t AT TIME ZONE 'Europe/Berlin' AS cutoff
    FROM unnest(ARRAY['\(local.joined(separator: "','"))']::timestamp[]) t;
    CREATE TABLE shop.borders AS
    SELECT DISTINCT b FROM shop.cutoffs, LATERAL (VALUES
      (cutoff), (\(start("1 day"))), (\(start("7 days"))), (\(start("30 days"))),
      (cutoff - interval '36 hours')) s (b);
    CREATE TABLE shop.moments AS
    SELECT b + d AS t FROM shop.borders,
      (VALUES (interval '0'), ('-1 us'), ('1 us'), ('-1 hour'), ('1 hour')) s (d)
    UNION ALL
    SELECT timestamptz '2025-11-01 00:00+00' + random() * interval '420 days'
    FROM generate_series(1, 600);
    SELECT setseed(0.25);
    CREATE TABLE shop.users AS
    SELECT i::int8 AS user_id, CASE WHEN i < 20 THEN timestamptz '2025-01-01 00:00+00'
      ELSE (SELECT b FROM shop.borders ORDER BY b OFFSET i LIMIT 1) END AS signed_up_at
    FROM generate_series(1, 40) i;
    CREATE TABLE shop.orders AS
    SELECT row_number() OVER () AS order_id, (1 + random() * 45)::int8 AS user_id,
      (random() * 10000)::int / 100.0::numeric(12,2) AS amount0,
      t AS ordered_at,
      CASE (random() * 4)::int WHEN 0 THEN t + interval '1 day' WHEN 1 THEN t - interval '1 hour'
        WHEN 2 THEN (SELECT min(b) FROM shop.borders WHERE b >= t) ELSE t END AS loaded_at,
      (ARRAY['paid', 'paid', 'cancelled', NULL])[1 + (random() * 3)::int] AS status,
      (ARRAY['Kiel', 'Bonn', 'Ulm', NULL])[1 + (random() * 3)::int] AS city
    FROM shop.moments, generate_series(1, 6);
    ALTER TABLE shop.orders ADD amount numeric(12,2), ADD discount numeric(12,2);
    UPDATE shop.orders SET amount = CASE WHEN random() < 0.05 THEN NULL
      WHEN random() < 0.2 THEN 0 ELSE amount0 END, discount = (random() * 500)::int / 100.0;
    UPDATE shop.orders SET discount = 0 WHERE amount = 0;
    UPDATE shop.orders SET loaded_at = NULL WHERE random() < 0.02;
    UPDATE shop.orders SET ordered_at = NULL WHERE random() < 0.02;
    ALTER TABLE shop.orders DROP amount0;
    CREATE TABLE shop.visits AS
    SELECT row_number() OVER () AS visit_id, (1 + random() * 45)::int8 AS visitor,
      t AT TIME ZONE 'Europe/Berlin' AS visited_at,
      (ARRAY['view', 'cart', NULL])[1 + (random() * 2)::int] AS kind
    FROM shop.moments, generate_series(1, 3);
    CREATE TABLE shop.stays AS
    SELECT row_number() OVER () AS stay_id, (1 + random() * 45)::int8 AS user_id,
      (t AT TIME ZONE 'Europe/Berlin')::date AS day
    FROM shop.moments, generate_series(1, 2);
    """
  }

  /// The start of a window of calendar days in Berlin.
  private static func start(_ span: String) -> String {
    "((cutoff AT TIME ZONE 'Europe/Berlin') - interval '\(span)') AT TIME ZONE 'Europe/Berlin'"
  }

  private static let windows = [
    ("1d", start("1 day")), ("7d", start("7 days")), ("36h", "cutoff - interval '36 hours'"),
    ("30d", start("30 days")),
  ]

  /// The features by hand, at each cutoff of a condition.
  private static func expected(_ cutoffs: String) -> String {
    func windowed(_ name: String, _ aggregate: String, _ time: String) -> String {
      windows.map { window, start in
        aggregate.replacing("FILTER ()", with: "FILTER (WHERE \(time) >= \(start))")
          .replacing("AND ()", with: "AND \(time) >= \(start)") + " AS \(name)_\(window)"
      }.joined(separator: ", ")
    }
    let days = "(cutoff AT TIME ZONE 'Europe/Berlin')::date"
    let stay = "(day::timestamp AT TIME ZONE 'Europe/Berlin')"
    let visit = "(visited_at AT TIME ZONE 'Europe/Berlin')"
    return """
      SELECT *, spend_7d::float8 / nullif(spend_30d::float8 / 4, 0) AS spend_trend,
        recency_days < 3 AND orders_30d > 1 AS is_back
      FROM (SELECT cutoff, u.user_id, o.orders_1d, o.orders_7d, o.orders_36h, o.orders_30d,
        o.spend_1d, o.spend_7d, o.spend_36h, o.spend_30d,
        o.share_1d, o.share_7d, o.share_36h, o.share_30d,
        o.large_1d, o.large_7d, o.large_36h, o.large_30d,
        o.cities_1d, o.cities_7d, o.cities_36h, o.cities_30d,
        o.dearest_1d, o.dearest_7d, o.dearest_36h, o.dearest_30d, o.recency_days, o.cheapest,
        v.views_1d, v.views_7d, v.views_36h, v.views_30d,
        s.stays_1d, s.stays_7d, s.stays_36h, s.stays_30d, s.last_stay_days
      FROM (SELECT * FROM shop.cutoffs WHERE \(cutoffs)) c
      JOIN shop.users u ON u.signed_up_at < cutoff
      CROSS JOIN LATERAL (SELECT
          \(windowed("orders", "count(*) FILTER ()", "ordered_at")),
          \(windowed("spend", "sum(amount) FILTER ()", "ordered_at")),
          \(windowed(
            "share", """
            (sum(discount) FILTER ())::float8
              / nullif((sum(amount + discount) FILTER ())::float8, 0)
            """, "ordered_at")),
          \(windowed("large", "count(*) FILTER (WHERE amount > 50 AND ())", "ordered_at")),
          \(windowed("cities", "count(DISTINCT city) FILTER ()", "ordered_at")),
          \(windowed("dearest", "max(amount) FILTER ()", "ordered_at")),
          \(days) - (max(ordered_at) AT TIME ZONE 'Europe/Berlin')::date AS recency_days,
          min(amount) AS cheapest
        FROM shop.orders o WHERE o.user_id = u.user_id AND status <> 'cancelled'
          AND ordered_at < cutoff AND loaded_at < cutoff) o
      CROSS JOIN LATERAL (SELECT
          \(windowed("views", "count(*) FILTER (WHERE kind = 'view' AND ())", visit))
        FROM shop.visits WHERE visitor = u.user_id AND \(visit) < cutoff) v
      CROSS JOIN LATERAL (SELECT
          \(windowed("stays", "count(*) FILTER ()", stay)), \(days) - max(day) AS last_stay_days
        FROM shop.stays t WHERE t.user_id = u.user_id AND \(stay) < cutoff) s) f
      """
  }

  @Test func `features at past cutoffs equal those of SQL with the same cutoffs`() async throws {
    try await withProject { project in
      try await project.sql(Self.rows)
      let cutoffs = Self.cutoffs.map { "'\($0)'" }.joined(separator: ", ")
      try project.write(
        stages: Self.stages + """

            probe: { probe: { input: features, at: [\(cutoffs)] } }
            publish_probe:
              { write: { input: probe, table: marketing.probed, key: [cutoff, user_id] } }
          """, timezone: "Europe/Berlin")
      try await project.run(asOf: "2026-12-24")
      let columns = try await project.columns(of: "marketing.probed")
      #expect(try await project.count("marketing.probed_current") > 200)
      #expect(
        try await project.difference(
          "SELECT \(columns) FROM marketing.probed_current", Self.expected("true")) == [])
    }
  }

  @Test(arguments: ["2026-03-29", "2026-03-30T02:30", "2026-10-26"])
  func `features published for an as-of equal those of SQL`(asOf: String) async throws {
    try await withProject { project in
      try await project.sql(Self.rows)
      try project.write(stages: Self.stages, timezone: "Europe/Berlin")
      try await project.run(asOf: asOf)
      let columns = try await project.columns(of: "marketing.features")
      let local = asOf.count > 10 ? asOf : asOf + "T00:00"
      #expect(try await project.count("marketing.features_current") > 15)
      #expect(
        try await project.difference(
          "SELECT as_of, \(columns) FROM marketing.features_current",
          Self.expected("cutoff = timestamp '\(local)' AT TIME ZONE 'Europe/Berlin'")) == [])
    }
  }
}

extension TestProject {
  /// The columns of a published table but for Roost's own.
  fileprivate func columns(of table: String) async throws -> String {
    try await text(
      """
      SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) FROM pg_attribute
      WHERE attrelid = '\(table)'::regclass AND attnum > 0 AND attname NOT IN ('as_of', 'run_id')
      """) ?? ""
  }
}
