import Testing

/// Over rows of pure chance no SELECT makes a model that foretells: it is refused, or ranks like a coin.
@Suite struct LatestRowTests {
  private static func rows(_ seed: Double) -> String {
    """
    CREATE SCHEMA shop;
    CREATE TABLE shop.users AS
    SELECT g::int8 AS user_id, timestamptz '2025-06-01' AS since FROM generate_series(1, 1500) g;
    SELECT setseed(\(seed));
    CREATE TABLE shop.orders AS
    SELECT n::int8 AS order_id, (1 + floor(random() * 1500))::int8 AS user_id,
      timestamptz '2026-01-01' + random() * interval '150 days' AS ordered_at
    FROM generate_series(1, 10000) n;
    """
  }

  private static func write(_ select: String, _ keys: String = "", in project: TestProject) throws {
    try project.write(
      stages: """
          users: { extract: { from: shop, table: shop.users, key: user_id, time: since } }
          orders: { extract: { from: shop, table: shop.orders, key: order_id, time: ordered_at } }
          x: { extract: { from: shop, sql: "\(select)", key: order_id, time: ordered_at \(keys) } }
          f:
            features:
              entity: users.user_id
              windows: [7d, 30d]
              from:
                orders: { windowed: { n: count(*) } }
                x: { ever: { k: count(*) } }
          m:
            train:
              features: f
              label: { name: gone, from: orders, is: count(*) = 0, within: 7d }
              cutoffs: { every: 7d, count: 2 }
        """)
  }

  private static let columns = "SELECT order_id, user_id, ordered_at FROM"
  private static let selects = [
    "\(columns) shop.orders",
    "\(columns) (SELECT *, row_number() OVER (PARTITION BY user_id ORDER BY ordered_at DESC) AS rn FROM shop.orders) z WHERE rn = 1",
    "SELECT o.order_id, o.user_id, o.ordered_at FROM shop.orders o JOIN (SELECT user_id, max(ordered_at) AS t FROM shop.orders GROUP BY 1) l ON l.user_id = o.user_id AND l.t = o.ordered_at",
  ]

  @Test(arguments: [0.1, 0.7])
  func `chance foretells nothing, or the SELECT is refused`(seed: Double) async throws {
    func auc(_ project: TestProject) async throws -> Double {
      let ran = try await project.run(asOf: "2026-05-20", publishes: false)
      return try #require(ran.result(of: "m")?.details["model"]?["auc"]?.double)
    }
    try await withProject { project in
      try await project.sql(Self.rows(seed))
      for (place, select) in Self.selects.enumerated() {
        try Self.write(select, in: project)
        let refused = try await project.check().diagnostics.contains { $0.code.rawValue == "R0521" }
        #expect(refused == (place > 0), "\(select)")
        if !refused { #expect(try await abs(auc(project) - 0.5) < 0.06) }
      }
      // What it would be worth: it is the leak that is refused.
      try Self.write(Self.selects[1], ", point_in_time: to see what that would do", in: project)
      #expect(try await auc(project) > 0.7)
    }
  }

  @Test func `what follows from the as-of counts as no change`() async throws {
    try await withProject { project in
      try await project.sql(Self.rows(0.3))
      try project.write(
        stages: """
            users:
              extract:
                from: shop
                sql: "SELECT user_id, since, (:as_of AT TIME ZONE 'UTC')::date AS day FROM shop.users"
                key: user_id
                time: since
            out: { write: { input: users, table: mart.users, key: user_id, max_change: 0% } }
          """)
      try await project.run(asOf: "2026-05-20")
      try await project.run(asOf: "2026-05-21")
      #expect(
        try await project.texts("SELECT DISTINCT day::text FROM mart.users_current")
          == ["2026-05-21"])
    }
  }

  @Test func `a run warns of what functions read for features`() async throws {
    try await withProject { project in
      try await project.sql(
        Self.rows(0.3) + """
          CREATE FUNCTION shop.is_last(id int8) RETURNS int8 LANGUAGE plpgsql STABLE AS
            'BEGIN RETURN (SELECT max(s.n) FROM shop.secrets s WHERE s.n = id); END';
          CREATE TABLE shop.secrets AS SELECT 1::int8 AS n;
          """)
      try Self.write(
        "SELECT *, shop.is_last(order_id) AS v FROM shop.orders WHERE order_id < 100", in: project)
      let ran = try await project.run(asOf: "2026-05-20", publishes: false)
      let warnings = ran.result(of: "x")?.warnings ?? []
      #expect(warnings.contains { $0.hasPrefix("functions read shop.secrets: ") }, "\(warnings)")
      #expect(ran.result(of: "orders")?.warnings == [])
    }
  }
}
