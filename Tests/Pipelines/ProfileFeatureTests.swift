import PipelineFiles
import Testing

/// What customers like, when they come, what they pay and which carts they leave, compared with
/// hand-written SQL at past cutoffs.
@Suite struct ProfileFeatureTests {
  private static let cutoffs = ["2026-03-30T00:00", "2026-03-30T12:00", "2026-06-01T00:00"]

  /// Each windowed feature with its columns, and a query for each over the rows `o` (orders) or `e`
  /// (events) of a window before the cutoff `c`, of local time `l`.
  private static let features: [(name: String, formula: String, columns: [(String, String)])] = [
    (
      "category_share", "{ share_of: category, values: [shoes, Hats & Co, 女装, bags] }",
      [("shoes", "shoes"), ("hats_co", "Hats & Co"), ("女装", "女装"), ("bags", "bags")].map {
        ("category_share_\($0)", "SELECT avg((category = '\($1)')::int) FROM o")
      }
    ),
    (
      "brand_share", "{ share_of: brand, top: 3 }",
      (1...3).map { rank in
        (
          "brand_share_top\(rank)",
          "SELECT avg((brand = (SELECT brand FROM shop.brands WHERE rank = \(rank)))::int) FROM o"
        )
      }
    ),
    (
      "weekday_share",
      "{ share_of: extract(isodow from ordered_at), values: [1, 2, 3, 4, 5, 6, 7] }",
      (1...7).map {
        ("weekday_share_\($0)", "SELECT avg((extract(isodow FROM l) = \($0))::int) FROM o")
      }
    ),
    (
      "busiest_hour", "mode(extract(hour from ordered_at))",
      [("busiest_hour", "SELECT mode() WITHIN GROUP (ORDER BY extract(hour FROM l)) FROM o")]
    ),
    ("liked", "top(category, 1)", [("liked", ranked("category", 1))]),
    ("liked_next", "top(category, 2)", [("liked_next", ranked("category", 2))]),
    (
      "discounted", "share(discount > 0)",
      [("discounted", "SELECT avg((discount > 0)::int) FROM o")]
    ),
    (
      "price_level", "avg(price_index)",
      [("price_level", "SELECT avg(price / mean) FROM o JOIN m USING (kind) WHERE mean <> 0")]
    ),
    (
      "usual_price", "avg(price_index_of_brand)",
      [
        (
          "usual_price",
          """
          SELECT avg(price / median) FROM o
          JOIN b ON b.kind = o.kind AND b.brand IS NOT DISTINCT FROM o.brand WHERE median <> 0
          """
        )
      ]
    ),
  ]

  private static let carts: [(name: String, formula: String, query: String)] = [
    (
      "left_carts", "cart_abandonment(cart, kind = 'order', '24 hours')",
      "SELECT avg(abandoned::int) FROM k WHERE closed"
    ),
    (
      "left_count", "abandoned_carts(cart, kind = 'order', '24 hours')",
      "SELECT count(*) FROM k WHERE closed AND abandoned"
    ),
    (
      "open_carts", "open_carts(cart, kind = 'order', '24 hours')",
      "SELECT count(*) FROM k WHERE NOT closed AND purchase IS NULL"
    ),
  ]

  private static func ranked(_ column: String, _ rank: Int) -> String {
    """
    SELECT \(column) FROM o WHERE \(column) IS NOT NULL
    GROUP BY 1 ORDER BY count(*) DESC, \(column) COLLATE "C" OFFSET \(rank - 1) LIMIT 1
    """
  }

  private static let windows = [("7d", "7 days"), ("60d", "60 days")]

  private static var stages: String {
    """
      users:
        extract: { from: shop, table: shop.users, key: user_id, time: signed_up_at }
      orders:
        extract: { from: shop, table: shop.orders, key: order_id, time: ordered_at, arrived: loaded_at }
      events:
        extract: { from: shop, table: shop.events, key: event_id, time: at }
      priced:
        clean:
          input: orders
          steps:
            - compare: { column: price, by: kind, as: price_index }
            - compare: { column: price, to: median, by: [kind, brand], as: price_index_of_brand }
      features:
        features:
          entity: users.user_id
          windows: [60d, 7d]
          from:
            priced:
              where: status <> 'cancelled'
              windowed:
                \(features.map { "\($0.name): \($0.formula)" }.joined(separator: "\n            "))
              ever:
                all_brands: { share_of: brand, top: 2 }
                all_kinds: { share_of: kind, top: 5 }
                hours: { share_of: "extract(hour from ordered_at) < 12", values: [true, false] }
            events:
              windowed:
                \(carts.map { "\($0.name): \($0.formula)" }.joined(separator: "\n            "))
      probe: { probe: { input: features, at: ['\(cutoffs.joined(separator: "', '"))'] } }
      publish_probe:
        { write: { input: probe, table: marketing.probed, key: [cutoff, user_id] } }
    """
  }

  private static var rows: String {
    let columns =
      features.flatMap(\.columns).map { "\($0.0) text" } + carts.map { "\($0.name) text" }
    let queries = features.flatMap(\.columns).map(\.1) + carts.map(\.query)
    return """
      CREATE SCHEMA shop;
      SELECT setseed(0.5);
      CREATE TABLE shop.users AS
      SELECT i::int8 AS user_id, timestamptz '2025-01-01 00:00+00' AS signed_up_at
      FROM generate_series(1, 40) i;
      CREATE TABLE shop.moments AS
      SELECT b - CASE WHEN random() < 0.2 THEN interval '0' ELSE random() * spread END AS t
      FROM (SELECT t AT TIME ZONE 'Europe/Berlin' - d AS b
          FROM unnest(ARRAY['\(cutoffs.joined(separator: "','"))']::timestamp[]) t,
            unnest(ARRAY['-1 hour', '0', '1 us', '1 day', '7 days', '60 days']::interval[]) d) b,
        unnest(ARRAY['1 day', '9 days', '90 days']::interval[]) spread,
        generate_series(1, 30);
      CREATE TABLE shop.orders AS
      SELECT row_number() OVER () AS order_id, (random() * random() * 45)::int8 AS user_id,
        t AS ordered_at,
        CASE WHEN random() < 0.2 THEN t + random() * interval '3 days' ELSE t END AS loaded_at,
        (ARRAY['shoes', 'Hats & Co', '女装', 'toys', NULL])[1 + (random() * 4)::int] AS category,
        (ARRAY['A', 'B', 'C', 'D', 'é', NULL])[1 + (random() * random() * 5)::int] AS brand,
        (ARRAY['x', 'y', 'free'])[1 + (random() * 2)::int] AS kind,
        (random() * 10000)::int / 100.0::numeric(8,2) AS price0,
        (ARRAY[0, 5, NULL])[1 + (random() * 2)::int]::numeric(8,2) AS discount,
        (ARRAY['paid', 'paid', 'cancelled'])[1 + (random() * 2)::int] AS status
      FROM shop.moments;
      ALTER TABLE shop.orders ADD COLUMN price numeric(8,2);
      UPDATE shop.orders SET price =
        CASE WHEN kind = 'free' THEN 0 WHEN random() < 0.9 THEN price0 END;
      CREATE TABLE shop.events AS
      SELECT row_number() OVER () AS event_id, (random() * random() * 45)::int8 AS user_id, t AS at,
        (random() * random() * 9)::int8 AS cart,
        (ARRAY['cart', 'cart', 'order', NULL])[1 + (random() * 3)::int] AS kind
      FROM shop.moments;
      UPDATE shop.events SET cart = NULL WHERE cart = 0;
      CREATE TABLE shop.brands AS
      SELECT brand, row_number() OVER (ORDER BY count(*) DESC, brand COLLATE "C") AS rank
      FROM shop.orders, (SELECT timestamp '\(cutoffs[0])' AT TIME ZONE 'Europe/Berlin' AS first) f
      WHERE brand IS NOT NULL AND ordered_at < first AND loaded_at < first AND status <> 'cancelled'
      GROUP BY 1;
      CREATE FUNCTION shop.expected(u int8, w timestamptz, c timestamptz)
      RETURNS TABLE (\(columns.joined(separator: ", ")))
      LANGUAGE sql AS $$
        WITH o AS (
          SELECT *, ordered_at AT TIME ZONE 'Europe/Berlin' AS l FROM shop.orders
          WHERE user_id = u AND status <> 'cancelled' AND ordered_at >= w AND ordered_at < c
            AND loaded_at < c),
        m AS (SELECT kind, avg(price) AS mean FROM shop.orders
          WHERE ordered_at < c AND loaded_at < c GROUP BY kind),
        b AS (
          SELECT kind, brand, percentile_cont(0.5) WITHIN GROUP (ORDER BY price)::numeric AS median
          FROM shop.orders WHERE ordered_at < c AND loaded_at < c GROUP BY kind, brand),
        e AS (SELECT * FROM shop.events WHERE user_id = u AND at >= w AND at < c),
        k AS (
          SELECT purchase, change + interval '24 hours' <= c AS closed,
            purchase IS NULL OR purchase >= change + interval '24 hours' AS abandoned
          FROM (
            SELECT change, (SELECT min(at) FROM e
              WHERE e.cart = k.cart AND e.kind = 'order' AND e.at >= k.change) AS purchase
            FROM (SELECT cart, max(at) AS change FROM e WHERE kind = 'cart' AND cart IS NOT NULL
              GROUP BY cart) k) k)
        SELECT \(queries.map { "(\($0))::text" }.joined(separator: ",\n        "))
      $$;
      """
  }

  /// A number to six digits, a text as it is.
  private static func rounded(_ value: String) -> String {
    """
    CASE WHEN \(value)::text ~ '^-?[0-9.e+-]+$' THEN round(\(value)::text::numeric, 6)::text
      ELSE \(value)::text END
    """
  }

  @Test func `profiles at past cutoffs equal those of SQL`() async throws {
    try await withProject { project in
      try await project.sql(Self.rows)
      try project.write(stages: Self.stages, timezone: "Europe/Berlin")
      let ran = try await project.run(asOf: "2026-12-24")
      let names = Self.features.flatMap(\.columns).map(\.0) + Self.carts.map(\.name)
      func columns(_ name: (String, String) -> String) -> String {
        Self.windows.flatMap { window in names.map { Self.rounded(name($0, window.0)) } }
          .joined(separator: ", ")
      }
      let expected = Self.windows.map { name, span in
        """
        CROSS JOIN LATERAL shop.expected(user_id,
          (t - interval '\(span)') AT TIME ZONE 'Europe/Berlin', cutoff) AS w\(name)
        """
      }.joined(separator: "\n")
      #expect(try await project.count("marketing.probed_current") == 120)
      for condition in [
        "left_carts_60d BETWEEN 0.1 AND 0.9", "open_carts_60d > 0", "left_carts_7d IS NULL",
        "open_carts_7d > 0 AND left_carts_7d IS NULL", "brand_share_top3_60d > 0.1",
        "liked_next_7d IS NULL AND liked_7d IS NOT NULL", "price_level_60d > 1.1",
      ] {
        #expect(try await project.count("marketing.probed_current WHERE \(condition)") > 2)
      }
      #expect(
        try await project.difference(
          """
          SELECT cutoff, user_id, \(columns { "\($0)_\($1)" })
          FROM marketing.probed_current
          """,
          """
          SELECT cutoff, user_id, \(columns { "w\($1).\($0)" })
          FROM (SELECT t, t AT TIME ZONE 'Europe/Berlin' AS cutoff FROM
            unnest(ARRAY['\(Self.cutoffs.joined(separator: "','"))']::timestamp[]) t) c
          CROSS JOIN shop.users \(expected)
          """) == [])
      let noted = try #require(ran.result(of: "features")).notes
      let brands = try await project.texts(
        "SELECT string_agg(brand, ', ' ORDER BY rank) FROM shop.brands WHERE rank <= 3")
      #expect(noted.contains("brand_share: top 3 of the rows before 2026-03-30: \(brands[0])"))
      #expect(
        noted.contains { $0.hasPrefix("all_kinds: top 5 of the rows before 2026-03-30: ") })
      #expect(
        try await project.count(
          """
          marketing.probed_current WHERE all_kinds_top4 IS NOT NULL OR all_kinds_top1 IS NULL
            AND hours_true IS NOT NULL
          """) == 0)
    }
  }

  @Test func `the values of a top are those known before the first cutoff of training`()
    async throws
  {
    try await withProject { project in
      try await project.sql(
        """
        CREATE SCHEMA shop;
        CREATE TABLE shop.users AS
        SELECT i::int8 AS user_id, timestamptz '2025-01-01 00:00+00' AS signed_up_at
        FROM generate_series(1, 60) i;
        CREATE TABLE shop.orders AS
        SELECT row_number() OVER () AS order_id, 1 + (i * 7 % 60)::int8 AS user_id,
          timestamptz '2026-01-01 00:00+00' + i * interval '9 hours' AS ordered_at,
          CASE WHEN i < 400 THEN CASE i % 3 WHEN 0 THEN 'old' ELSE 'older' END
            ELSE 'new' END AS category
        FROM generate_series(1, 900) i;
        """)
      try project.write(
        stages: """
              users: { extract: { from: shop, table: shop.users, key: user_id, time: signed_up_at } }
              orders: { extract: { from: shop, table: shop.orders, key: order_id, time: ordered_at } }
              features:
                features:
                  entity: users.user_id
                  windows: [30d]
                  from:
                    orders:
                      windowed: { orders: count(*), liked: { share_of: category, top: 3 } }
              churn:
                train:
                  features: features
                  label: { name: left, from: orders, is: count(*) < 2, within: 30d }
                  cutoffs: { every: 30d, count: 3 }
                  rounds: 2
                  publish_anyway: only the features count here
                  causes: { taste: [liked_*] }
              scores: { score: { model: churn, features: features } }
              publish: { write: { input: scores, table: marketing.scores, key: user_id } }
          """)
      let ran = try await project.run(asOf: "2026-11-01")
      let result = try #require(ran.result(of: "features"))
      #expect(
        result.notes == [
          "4 features", "liked: top 3 of the rows before 2026-07-04: older, old, new",
        ])
      #expect(
        result.details
          == .object([
            "features": .integer(4), "non_finite": .object([:]),
            "unmatched": .object([
              "orders": .object([
                "rows": .integer(810), "without_entity": .integer(0),
                "unknown_entity": .integer(0), "sums": .object([:]),
              ])
            ]),
            "top_values": .object([
              "before": .string("2026-07-04"),
              "values": .object([
                "liked": .array([.string("older"), .string("old"), .string("new")])
              ]),
            ]),
          ]))
    }
  }
}
