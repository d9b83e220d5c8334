import Testing

/// Persons at past instants are the connected components that recursive SQL finds among what was known
/// then, with the nearest account as evidence.
@Suite struct IdentifyTests {
  private static let cutoffs = ["2026-01-10", "2026-02-01", "2026-03-07", "2026-06-01"]

  /// Values are missing, empty, shared by many, and of accounts that are not known yet.
  private static func rows(seed: Double) -> String {
    """
    SELECT setseed(\(seed));
    CREATE SCHEMA shop;
    CREATE TABLE shop.accounts AS
    SELECT i::int4 AS account_id,
      CASE WHEN random() < 0.3 THEN NULL WHEN random() < 0.05 THEN ''
        ELSE md5('p' || p) END AS phone_hash,
      CASE WHEN p % 3 = 0 THEN md5('e' || p) WHEN random() < 0.5 THEN md5('e' || (600 * sqrt(random()))::int) END AS email_hash,
      timestamptz '2025-12-20Z' + (random() * 600)::int * interval '6 hours' AS since
    FROM (SELECT i, (random() * 900)::int AS p FROM generate_series(1, 400) i) s;
    CREATE TABLE shop.logins AS
    SELECT i::int8 AS login_id,
      CASE WHEN i % 13 > 0 THEN (random() * 420)::int8 END AS account_id,
      CASE WHEN i % 7 > 0 THEN 10 + (random() * 500)::int8
        WHEN random() < 0.3 THEN (random() * 5)::int8 END AS device_id,
      CASE WHEN i % 11 = 0 THEN md5('p' || (random() * 900)::int) END AS called_from,
      timestamptz '2025-12-20Z' + (random() * 600)::int * interval '6 hours' AS at
    FROM generate_series(1, 500) i;
    """
  }

  private func stages(giant: String) -> String {
    let instants = Self.cutoffs.map { "'\($0)'" }.joined(separator: ", ")
    return """
        accounts: { extract: { from: shop, table: shop.accounts, key: account_id, time: since } }
        logins: { extract: { from: shop, table: shop.logins, key: login_id, time: at } }
        people:
          identify:
            entity: accounts.account_id
            by:
              accounts: [phone_hash, email_hash]
              logins: { values: { device_id: device_id, called_from: phone_hash } }
            ignore: { more_than: 5 }
            giant: \(giant)
        probe: { probe: { input: people, at: [\(instants)] } }
        publish: { write: { input: probe, table: marketing.people, key: [cutoff, account_id] } }
      """
  }

  private static let witness = """
    WITH RECURSIVE at AS (
      SELECT c::timestamp AT TIME ZONE 'UTC' AS cutoff
      FROM unnest(ARRAY['\(cutoffs.joined(separator: "','"))']) c),
    accounts AS MATERIALIZED (
      SELECT cutoff, a.* FROM at JOIN shop.accounts a ON since < cutoff),
    links AS MATERIALIZED (
      SELECT cutoff, account_id, kind, value FROM accounts, LATERAL (VALUES
        (1, phone_hash), (2, email_hash)) v (kind, value)
      UNION SELECT cutoff, accounts.account_id, kind, value
      FROM accounts JOIN shop.logins l USING (account_id), LATERAL (VALUES
        (3, device_id::text), (1, called_from)) v (kind, value) WHERE l.at < cutoff),
    good AS MATERIALIZED (
      SELECT cutoff, kind, value FROM links WHERE value <> ''
      GROUP BY 1, 2, 3 HAVING count(*) <= 5),
    edges AS MATERIALIZED (
      SELECT DISTINCT cutoff, a.account_id AS a, b.account_id AS b, kind
      FROM good JOIN links a USING (cutoff, kind, value) JOIN links b USING (cutoff, kind, value)
      WHERE a.account_id <> b.account_id),
    reach AS (
      SELECT cutoff, account_id AS a, account_id AS b FROM accounts
      UNION SELECT cutoff, reach.a, edges.b FROM reach
      JOIN edges USING (cutoff) WHERE edges.a = reach.b),
    clusters AS MATERIALIZED (
      SELECT cutoff, a AS account_id, min(b) AS root, count(*) AS size FROM reach GROUP BY 1, 2),
    walks AS (
      SELECT cutoff, account_id, 0 AS steps FROM clusters WHERE account_id = root
      UNION SELECT cutoff, edges.b, steps + 1 FROM walks
      JOIN edges USING (cutoff) WHERE edges.a = account_id AND steps < 40),
    steps AS MATERIALIZED (
      SELECT cutoff, account_id, min(steps) AS steps FROM walks GROUP BY 1, 2),
    parents AS MATERIALIZED (
      SELECT cutoff, own.account_id, min(near.account_id) AS tied_to
      FROM steps own JOIN edges USING (cutoff) JOIN steps near USING (cutoff)
      WHERE edges.a = own.account_id AND edges.b = near.account_id AND near.steps = own.steps - 1
      GROUP BY 1, 2)
    """

  @Test(arguments: [(0.1, false), (0.2, true), (0.3, false)])
  func `persons are what recursive SQL finds`(seed: Double, apart: Bool) async throws {
    try await withProject { project in
      try await project.sql(Self.rows(seed: seed))
      try project.write(
        stages: stages(giant: "{ more_than: 6, keep: \(apart ? "apart" : "together") }"))
      try await project.run()
      let difference = try await project.difference(
        """
        SELECT cutoff, account_id, since, person_id, cluster_size, is_giant, tied_to, tied_by
        FROM marketing.people_current
        """,
        """
        \(Self.witness)
        SELECT cutoff, account_id, since,
          CASE WHEN \(apart) AND size > 6 THEN account_id ELSE root END, size::int, size > 6, tied_to,
          (SELECT string_agg((ARRAY['phone_hash', 'email_hash', 'device_id'])[kind], ', ' ORDER BY kind)
            FROM edges e WHERE (e.cutoff, e.a, e.b) = (c.cutoff, c.account_id, tied_to))
        FROM clusters c JOIN accounts USING (cutoff, account_id)
        LEFT JOIN parents USING (cutoff, account_id)
        """)
      #expect(difference == [])
      // The data has something of everything.
      for condition in ["is_giant", "cluster_size = 1", "tied_by = 'device_id'", "tied_by ~ ','"] {
        #expect(
          try await project.count("marketing.people_current WHERE \(condition)") > 0, "\(condition)"
        )
      }
    }
  }

  /// The recipe of the reference: features by person, and what follows for a person's main account.
  @Test func `features are made by person, and targets are one account of each`() async throws {
    try await withProject { project in
      try await project.setUpSmallShop()
      try await project.sql(
        """
        ALTER TABLE shop.users ADD phone_hash text;
        UPDATE shop.users SET phone_hash = md5((user_id % 50)::text) WHERE user_id <= 100;
        """)
      try project.write(
        stages: """
            users:
              extract:
                { from: shop, table: shop.users, key: user_id, time: signed_up_at, personal: [email] }
            orders: { extract: { from: shop, table: shop.orders, key: order_id, time: ordered_at } }
            people: { identify: { entity: users.user_id, by: { users: phone_hash } } }
            clean_orders: { clean: { input: orders, steps: [ { deduplicate: { by: order_id } } ] } }
            person_orders:
              join: { left: clean_orders, right: people, on: user_id, type: inner, columns: person_id }
            person_features:
              features:
                entity: people.person_id
                windows: [30d, 90d]
                from: { person_orders: { windowed: { orders: count(*), spend: sum(amount) } } }
            churn:
              train:
                features: person_features
                eligible: orders_90d > 0
                label: { name: churned, from: person_orders, is: count(*) = 0, within: 14d }
                cutoffs: { every: 30d, count: 2 }
                causes: { money: [spend_*], rhythm: [orders_*] }
                rounds: 5
            scores: { score: { model: churn, features: person_features, risk: { high: ">= 0.3" } } }
            main_accounts:
              clean:
                input: people
                steps: [ { reject: { where: user_id <> person_id, reason: not the main account } } ]
            account_scores:
              join: { left: main_accounts, right: scores, on: { user_id: person_id }, type: inner }
            win_back:
              target:
                input: [account_scores, users]
                consent: { mail: may_mail }
                campaigns:
                  - { name: hello, when: churn_probability > 0, channel: mail, offer: card, cost: 1 }
            publish: { write: { input: person_features, table: marketing.persons, key: person_id } }
            publish_targets: { write: { input: win_back, table: marketing.targets, key: [user_id, campaign] } }
          """)
      try await project.run()
      let difference = try await project.difference(
        "SELECT person_id, orders_90d, spend_90d FROM marketing.persons_current",
        """
        WITH persons AS (
          SELECT user_id, CASE WHEN user_id <= 100
            THEN CASE WHEN user_id % 50 = 0 THEN 50 ELSE user_id % 50 END ELSE user_id END AS person_id
          FROM shop.users WHERE signed_up_at < '2026-06-01Z'),
        orders AS (
          SELECT DISTINCT ON (order_id) * FROM shop.orders WHERE ordered_at < '2026-06-01Z'
          ORDER BY order_id, ordered_at DESC, user_id, amount)
        SELECT person_id, count(order_id), sum(amount) FROM persons LEFT JOIN orders
          ON orders.user_id = persons.user_id AND ordered_at >= '2026-03-03Z'
        GROUP BY 1
        """)
      #expect(difference == [])
      #expect(
        try await project.count(
          "marketing.targets_current WHERE user_id BETWEEN 51 AND 100") == 0)
      #expect(try await project.count("marketing.targets_current") > 20)
    }
  }
}
