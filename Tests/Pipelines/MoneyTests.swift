import Testing

/// Money, which no step may round.
@Suite struct MoneyTests {
  @Test func `sums of money are exact to the cent`() async throws {
    try await withProject { project in
      // A double has no cents left at this size, and adds 0.10 wrongly at any.
      try await project.sql(
        """
        CREATE SCHEMA shop;
        CREATE TABLE shop.users AS SELECT i::int8 AS user_id, timestamptz '2026-01-01' AS since
        FROM generate_series(1, 4) i;
        CREATE TABLE shop.payments (payment_id int8, user_id int8, paid numeric(12,2), at timestamptz);
        INSERT INTO shop.payments
        SELECT i, 1 + i % 3, CASE i % 3 WHEN 0 THEN 9999999999.99 WHEN 1 THEN 0.10 ELSE -0.07 END,
          timestamptz '2026-05-01' + i * interval '1 minute'
        FROM generate_series(1, 30000) i;
        """)
      try project.write(
        stages: """
            users: { extract: { from: shop, table: shop.users, key: user_id, time: since } }
            payments:
              extract: { from: shop, table: shop.payments, key: payment_id, time: at }
            features:
              features:
                entity: users.user_id
                windows: [15d, 60d]
                from:
                  payments:
                    windowed: { paid: sum(paid), taxed: "sum(paid * 1.19 + 0.01)" }
                    ever: { total: sum(paid) }
                derived: { paid_and_total: "coalesce(paid_15d, 0) + total" }
            publish: { write: { input: features, table: marketing.paid, key: user_id } }
          """)
      try await project.run()
      #expect(
        try await project.difference(
          """
          SELECT user_id, paid_15d, paid_60d, taxed_15d, taxed_60d, total, paid_and_total
          FROM marketing.paid_current
          """,
          """
          SELECT *, coalesce(paid_15d, 0) + total FROM (
            SELECT u.user_id,
              sum(paid) FILTER (WHERE at >= '2026-05-17') AS paid_15d, sum(paid),
              sum(paid * 1.19 + 0.01) FILTER (WHERE at >= '2026-05-17'),
              sum(paid * 1.19 + 0.01), sum(paid) AS total
            FROM shop.users u LEFT JOIN shop.payments USING (user_id) GROUP BY 1) s
          """) == [])
      // The witness itself is exact, and a double is not.
      #expect(
        try await project.text(
          """
          SELECT (total <> (SELECT sum(paid::float8) FROM shop.payments p WHERE p.user_id = 1)
            ::numeric(30,2))::text FROM marketing.paid_current WHERE user_id = 1
          """) == "true")
    }
  }
}
