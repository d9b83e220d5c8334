/// A shop of 120 users that a pipeline with every kind of stage runs over in a fraction of a second.
/// The night to run it for is 2026-06-01.
enum SmallShop {
  static let schema = """
    CREATE SCHEMA shop;
    CREATE TABLE shop.users (
      user_id int8, email text, may_mail bool, signed_up_at timestamptz);
    CREATE TABLE shop.orders (
      order_id int8, user_id int8, amount numeric(12,2), weight float8, city text, stock int4,
      ordered_at timestamptz, updated_at timestamptz, loaded_at timestamptz);
    CREATE TABLE shop.sends (send_id int8, user_id int8, sent_at timestamptz);
    """

  /// Even users order less and less. Every tenth order stands there twice, every fiftieth three times,
  /// with other values.
  static let rows = """
    SELECT setseed(0.5);
    INSERT INTO shop.users
    SELECT i, 'user' || i || '@example.com', i % 5 <> 0,
      timestamptz '2025-06-01 00:00+00' + i * interval '7 hours'
    FROM generate_series(1, 120) i;
    INSERT INTO shop.orders
    SELECT i, u, (random() * 30000)::int / 100.0, random() * 10,
      (ARRAY['Kiel', ' Bonn', 'bonn', NULL])[1 + i % 4], 1, t, t + interval '1 hour',
      t + interval '2 hours'
    FROM (SELECT i, 1 + i % 120 AS u,
        timestamptz '2026-05-31 20:00+00'
          - interval '330 days' * (CASE WHEN i % 2 = 1 THEN 0.2 + 0.8 * random() ELSE random() END)
          AS t
      FROM generate_series(1, 3000) i) s;
    INSERT INTO shop.orders
    SELECT order_id, user_id, amount + 1, weight, city, stock, ordered_at,
      updated_at + interval '1 hour', loaded_at FROM shop.orders WHERE order_id % 10 = 0;
    INSERT INTO shop.orders
    SELECT order_id, user_id, amount + 2, weight + 1, city, stock, ordered_at,
      updated_at + interval '1 hour', loaded_at FROM shop.orders
    WHERE order_id % 50 = 0 AND amount > 100;
    INSERT INTO shop.sends
    SELECT i, i * 3, timestamptz '2026-06-01 00:00+00' - i * interval '1 day'
    FROM generate_series(1, 30) i;
    """

  static let stages = """
      users:
        extract:
          { from: shop, table: shop.users, key: user_id, time: signed_up_at, personal: [email] }
      orders:
        extract:
          { from: shop, table: shop.orders, key: order_id, time: ordered_at, arrived: loaded_at }
      sends:
        extract: { from: shop, table: shop.sends, key: send_id, time: sent_at }
      clean_orders:
        clean:
          input: orders
          steps:
            - deduplicate: { by: [order_id], keep: latest, order: updated_at }
            - set: { city: "lower(trim(city))" }
            - clip: { column: amount, to: [p1, p99] }
      user_features:
        features:
          entity: users.user_id
          windows: [30d, 90d]
          from:
            clean_orders:
              windowed:
                orders: count(*)
                spend: sum(amount)
                weight: sum(weight)
              ever:
                recency_days: days_since(max(ordered_at))
      churn:
        train:
          features: user_features
          eligible: orders_90d > 0
          label: { name: churned, from: clean_orders, is: count(*) = 0, within: 14d }
          cutoffs: { every: 30d, count: 2 }
          causes: { money: [spend_*], rhythm: [orders_*, recency_days] }
          rounds: 5
          depth: 2
          publish_anyway: of 120 users little can be learnt
      scores:
        score: { model: churn, features: user_features, risk: { high: ">= 0.3" } }
      segments:
        segment:
          input: [scores, user_features]
          rules:
            - { name: leaving, when: "churn_risk = 'high'" }
          otherwise: staying
      win_back:
        target:
          input: [segments, users, user_features]
          consent: { mail: may_mail }
          suppress: [ { contacted_within: 14d, from: sends } ]
          holdout: 20%
          campaigns:
            - { name: hello, when: "segment = 'leaving'", channel: mail, offer: voucher, cost: 1 }
            - { name: thanks, when: "spend_30d > 0", channel: mail, offer: card, cost: 0.5 }
      publish_features:
        write: { input: user_features, table: marketing.features, key: user_id }
      publish_scores:
        write: { input: scores, table: marketing.scores, key: user_id }
      publish_targets:
        write: { input: win_back, table: marketing.targets, key: [user_id, campaign] }
    """

  /// The tables that the stages publish, with an order that makes them comparable.
  static let tables = [
    "marketing.features", "marketing.scores", "marketing.targets", "marketing.campaign_assignments",
  ]
}

extension TestProject {
  /// Fills the small shop and writes its pipeline.
  func setUpSmallShop() async throws {
    try await sql(SmallShop.schema + SmallShop.rows)
    try write(stages: SmallShop.stages)
  }

  /// All rows that the current views show, but for the run's number, as text.
  func published(_ tables: [String] = SmallShop.tables) async throws -> [String: [String]] {
    var published: [String: [String]] = [:]
    for table in tables {
      published[table] = try await texts(
        "SELECT (to_jsonb(t) - 'run_id')::text FROM \(table)_current t ORDER BY 1")
    }
    return published
  }
}
