import Testing

/// What a model scores that knows nothing does not reach a list, unless the file allows it.
@Suite struct WeakModelTests {
  /// 600 customers who order by chance, at one rate.
  private static let rows = """
    CREATE SCHEMA shop;
    CREATE TABLE shop.users AS
    SELECT g::int8 AS user_id, timestamptz '2025-06-01' AS since FROM generate_series(1, 600) g;
    SELECT setseed(0.3);
    CREATE TABLE shop.orders AS
    SELECT n::int8 AS order_id, (1 + floor(random() * 600))::int8 AS user_id,
      timestamptz '2025-12-01' + random() * interval '182 days' AS ordered_at,
      (random() * 90)::int8 AS amount
    FROM generate_series(1, 6000) n;
    """

  private static func stages(_ keys: String = "") -> String {
    """
      users: { extract: { from: shop, table: shop.users, key: user_id, time: since } }
      orders: { extract: { from: shop, table: shop.orders, key: order_id, time: ordered_at } }
      f:
        features:
          entity: users.user_id
          windows: [60d]
          from:
            orders:
              windowed: { orders: count(*), spend: sum(amount) }
              ever: { recency: days_since(max(ordered_at)) }
      m:
        train:
          features: f
          eligible: orders_60d > 0
          label: { name: gone, from: orders, is: count(*) = 0, within: 20d }
          cutoffs: { every: 20d, count: 2 }
          \(keys)
      s: { score: { model: m, features: f, risk: { high: ">= 0.6" } } }
      regulars: { segment: { input: s, rules: [ { name: leaving, when: "m_risk = 'high'" } ], otherwise: staying } }
      out: { write: { input: regulars, table: mart.list, key: user_id } }
    """
  }

  @Test func `a model that ranks like a coin holds the run, resumed or not`() async throws {
    try await withProject { project in
      try await project.sql(Self.rows)
      try project.write(stages: Self.stages())
      let ran = try await project.run(expecting: .held)
      let error = try #require(ran.outcome.error)
      #expect(error.hasPrefix("s: model m: it ranks no better than chance: AUC 0."), "\(error)")
      #expect(
        ran.result(of: "m")?.warnings.contains { $0.contains("publish_anyway") } == true)
      // What is taken from checkpoints is doubted as it was.
      let again = try await project.run(resumes: true, expecting: .held)
      #expect(again.outcome.error == error)
      let published = "SELECT count(*)::text FROM roost.publications"
      #expect(try await project.texts(published) == ["0"])
      // Without anything to publish there is nothing to hold.
      try await project.run(publishes: false)

      try project.write(stages: Self.stages("publish_anyway: we want to see the table"))
      let allowed = try await project.run()
      #expect(try await project.count("mart.list_current") == allowed.result(of: "s")?.rows)
      #expect(
        allowed.result(of: "m")?.warnings.contains {
          $0.hasSuffix("it is used anyway: we want to see the table")
        } == true)
    }
  }

  @Test func `a person may publish it all the same`() async throws {
    try await withProject { project in
      try await project.sql(Self.rows)
      try project.write(stages: Self.stages())
      let ran = try await project.run(expecting: .held)
      let approved = try await project.program.run("approve", "\(ran.run)")
      #expect(approved.status == 0, "\(approved.errors)")
      #expect(try await project.count("mart.list_current") > 0)
    }
  }
}
