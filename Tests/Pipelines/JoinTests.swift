import Testing

/// Joins and unions at past instants are what SQL makes of the rows that were known then: repeated and
/// missing keys, nulls, and times that are equal to bounds included.
@Suite struct JoinTests {
  private static let cutoffs = ["2026-01-10", "2026-02-01", "2026-03-07", "2026-06-01"]

  /// All times lie on a grid of six hours, so that many are equal.
  private static let rows = """
    SELECT setseed(0.25);
    CREATE SCHEMA shop;
    CREATE TABLE shop.web_orders AS
    SELECT i::int8 AS order_id, CASE WHEN i % 17 > 0 THEN (random() * 45)::int END AS product_id,
      (random() * 30000)::int / 100.0::numeric(12,2) AS amount, t AS ordered_at,
      t + (random() * 8)::int * interval '6 hours' AS loaded_at, (random() * 9)::int AS version
    FROM (SELECT i, timestamptz '2026-01-01Z' + (random() * 600)::int * interval '6 hours' AS t
      FROM generate_series(1, 2000) i) s;
    ALTER TABLE shop.web_orders ALTER amount TYPE numeric(12,2);
    CREATE TABLE shop.store_orders AS TABLE shop.web_orders;
    UPDATE shop.store_orders SET order_id = order_id + 1500, amount = amount + 1;
    INSERT INTO shop.store_orders
    SELECT order_id, product_id, amount + 2, ordered_at, loaded_at, version + 10
    FROM shop.store_orders WHERE order_id % 5 = 0;
    CREATE TABLE shop.products AS
    SELECT i::int8 AS id, CASE WHEN i % 7 > 0 THEN 'kind ' || i % 4 END AS category,
      timestamptz '2026-01-01Z' + (random() * 100)::int * interval '6 hours' AS listed_at
    FROM generate_series(1, 40) i;
    CREATE TABLE shop.prices AS
    SELECT p::int8 AS product_id, (random() * 100)::int AS price, since,
      CASE WHEN k < 11 OR p % 3 > 0 THEN since + (random() * 50)::int * interval '6 hours' END AS until,
      since + (random() * 4)::int * interval '6 hours' AS loaded_at
    FROM (SELECT p, k, timestamptz '2026-01-01Z' + p * interval '6 hours'
        + k * interval '300 hours' AS since
      FROM generate_series(1, 40) p, generate_series(0, 11) k) s;
    CREATE TABLE shop.tags AS
    SELECT i::int8 AS tag_id, CASE WHEN i % 11 > 0 THEN (random() * 60)::int8 END AS product_id,
      'tag ' || i % 5 AS tag
    FROM generate_series(1, 120) i;
    """

  private static let extracts = """
      web:
        extract:
          { from: shop, table: shop.web_orders, key: order_id, time: ordered_at, arrived: loaded_at }
      store:
        extract:
          { from: shop, table: shop.store_orders, key: order_id, time: ordered_at, arrived: loaded_at }
      products: { extract: { from: shop, table: shop.products, key: id, time: listed_at } }
      prices:
        extract:
          from: shop
          table: shop.prices
          key: [product_id, since]
          valid_from: since
          valid_to: until
          arrived: loaded_at
      tags: { extract: { from: shop, table: shop.tags, key: tag_id, timeless: they never change } }

    """

  /// What a stage shows at the cutoffs, against a query over `at (cutoff)`.
  private func compare(
    _ stages: String, _ stage: String, key: String, _ columns: String, with expected: String
  ) async throws {
    try await withProject { project in
      try await project.sql(Self.rows)
      let instants = Self.cutoffs.map { "'\($0)'" }.joined(separator: ", ")
      try project.write(
        stages: Self.extracts + stages + """

            probe: { probe: { input: \(stage), at: [\(instants)] } }
            publish: { write: { input: probe, table: marketing.probe, key: [cutoff, \(key)] } }
          """)
      try await project.run()
      let difference = try await project.difference(
        "SELECT cutoff, \(columns) FROM marketing.probe_current",
        """
        WITH at AS (
          SELECT c::timestamp AT TIME ZONE 'UTC' AS cutoff
          FROM unnest(ARRAY['\(Self.cutoffs.joined(separator: "','"))']) c)
        \(expected)
        """)
      #expect(difference == [])
      #expect(try await project.count("marketing.probe_current") > 1000)
    }
  }

  private static let known = "o.ordered_at < cutoff AND o.loaded_at < cutoff"

  @Test func `a left join keeps rows that find none`() async throws {
    try await compare(
      """
        joined:
          join: { left: web, right: products, on: { product_id: id }, columns: { category: kind } }
      """, "joined", key: "order_id", "order_id, product_id, kind",
      with: """
        SELECT cutoff, order_id, product_id, category FROM at JOIN shop.web_orders o ON \(Self.known)
        LEFT JOIN shop.products p ON p.id = o.product_id AND p.listed_at < cutoff
        """)
  }

  @Test func `an inner join leaves them out, and is cleaned like any rows`() async throws {
    try await compare(
      """
        joined:
          join: { left: web, right: products, on: { product_id: id }, type: inner, columns: category }
        kept:
          clean:
            input: joined
            steps:
              - reject: { where: "category = 'kind 1'", reason: none of those }
              - set: { category: "upper(category)" }
      """, "kept", key: "order_id", "order_id, product_id, category",
      with: """
        SELECT cutoff, order_id, product_id, upper(category)
        FROM at JOIN shop.web_orders o ON \(Self.known)
        JOIN shop.products p ON p.id = o.product_id AND p.listed_at < cutoff
        WHERE category IS DISTINCT FROM 'kind 1'
        """)
  }

  @Test func `an as-of join takes what was valid at the row's time and known by the as-of`()
    async throws
  {
    try await compare(
      """
        joined:
          join:
            left: web
            right: prices
            on: product_id
            as_of: ordered_at
            columns: { price: price, since: priced_since }
      """, "joined", key: "order_id", "order_id, product_id, price, priced_since",
      with: """
        SELECT cutoff, order_id, o.product_id, price, since
        FROM at JOIN shop.web_orders o ON \(Self.known)
        LEFT JOIN LATERAL (
          SELECT price, since FROM shop.prices p
          WHERE p.product_id = o.product_id AND p.since < cutoff AND p.loaded_at < cutoff
            AND p.since <= o.ordered_at AND (p.until IS NULL OR o.ordered_at < p.until)
          ORDER BY since DESC LIMIT 1) p ON true
        """)
  }

  @Test func `an as-of join sees the history behind a union and its steps`() async throws {
    try await compare(
      """
        odd:
          clean: { input: prices, steps: [ { reject: { where: product_id % 2 = 0, reason: even } } ] }
        even:
          clean:
            input: prices
            steps:
              - reject: { where: product_id % 2 = 1, reason: odd }
              - deduplicate: { by: [product_id, since] }
        all_prices: { union: { inputs: [odd, even] } }
        joined:
          join: { left: web, right: all_prices, on: product_id, as_of: ordered_at, columns: price }
      """, "joined", key: "order_id", "order_id, price",
      with: """
        SELECT cutoff, order_id, price
        FROM at JOIN shop.web_orders o ON \(Self.known)
        LEFT JOIN LATERAL (
          SELECT price FROM shop.prices p
          WHERE p.product_id = o.product_id AND p.since < cutoff AND p.loaded_at < cutoff
            AND p.since <= o.ordered_at AND (p.until IS NULL OR o.ordered_at < p.until)
          ORDER BY since DESC LIMIT 1) p ON true
        """)
  }

  @Test func `a join without as_of takes what is valid at the as-of`() async throws {
    try await compare(
      """
        today:
          extract:
            from: shop
            sql: SELECT product_id, price, since, until FROM shop.prices WHERE product_id % 2 = 0
            key: product_id
            valid_from: since
            valid_to: until
        current:
          clean:
            input: today
            steps: [ { deduplicate: { by: product_id, keep: latest } } ]
        joined: { join: { left: web, right: current, on: product_id, columns: price } }
      """, "joined", key: "order_id", "order_id, price",
      with: """
        SELECT cutoff, order_id, price FROM at JOIN shop.web_orders o ON \(Self.known)
        LEFT JOIN LATERAL (
          SELECT price FROM shop.prices p
          WHERE p.product_id = o.product_id AND o.product_id % 2 = 0 AND p.since < cutoff
            AND (p.until IS NULL OR p.until >= cutoff)
          ORDER BY since DESC LIMIT 1) p ON true
        """)
  }

  @Test func `many multiplies rows, and the other key tells them apart`() async throws {
    try await compare(
      """
        orders: { clean: { input: web, steps: [ { reject: { where: product_id > 40, reason: n } } ] } }
        joined:
          join: { left: orders, right: tags, on: product_id, many: true, type: inner }
      """, "joined", key: "order_id, tag_id", "order_id, product_id, tag_id, tag",
      with: """
        SELECT cutoff, order_id, o.product_id, tag_id, tag
        FROM at JOIN shop.web_orders o ON \(Self.known) AND (product_id > 40) IS NOT TRUE
        JOIN shop.tags t ON t.product_id = o.product_id
        """)
  }

  @Test func `a union has the rows of all inputs as they were known`() async throws {
    let steps = "deduplicate: { by: order_id, keep: latest, order: version }"
    for (clean, store) in [
      ("steps: []", "shop.store_orders"),
      (
        "steps: [ { \(steps) } ]",
        "(SELECT DISTINCT ON (order_id) * FROM shop.store_orders o WHERE \(Self.known) "
          + "ORDER BY order_id, version DESC)"
      ),
    ] {
      try await compare(
        """
          clean_store: { clean: { input: store, \(clean) } }
          all_orders: { union: { inputs: [web, clean_store], source: shop } }
          joined:
            join: { left: all_orders, right: products, on: { product_id: id }, columns: category }
          numbered:
            clean: { input: joined, steps: [ { set: { place: "shop || ' ' || version::text" } } ] }
        """, "numbered", key: "order_id, place", "order_id, shop, amount, category",
        with: """
          SELECT cutoff, order_id, shop, amount, category FROM at
          CROSS JOIN LATERAL (SELECT 'web' AS shop, w.* FROM shop.web_orders w
            UNION ALL SELECT 'clean_store', s.* FROM \(store) s) o
          LEFT JOIN shop.products p ON p.id = o.product_id AND p.listed_at < cutoff
          WHERE \(Self.known)
          """)
    }
  }
}
