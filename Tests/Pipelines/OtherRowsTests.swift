import Testing

/// Features and labels over SELECTs whose rows depend on other rows: by how Postgres would run them.
@Suite struct OtherRowsTests {
  private static let views = """
    CREATE VIEW shop.totals AS
      SELECT o.order_id, o.user_id, o.ordered_at, o.stock AS v, t.total
      FROM shop.orders o JOIN (SELECT user_id, sum(stock) AS total FROM shop.orders GROUP BY 1) t USING (user_id);
    CREATE VIEW shop.more_totals AS SELECT order_id, user_id, ordered_at, total + 1 AS v FROM shop.totals;
    CREATE VIEW shop.plain AS SELECT order_id, user_id, ordered_at, v FROM shop.totals;
    CREATE MATERIALIZED VIEW shop.kept AS
      SELECT min(order_id) AS order_id, user_id, min(ordered_at) AS ordered_at, count(*) AS v
      FROM shop.orders GROUP BY user_id;
    CREATE INDEX ON shop.orders (user_id, ordered_at);
    CREATE TABLE shop.states (state_id int PRIMARY KEY, v int8);
    """

  /// A SELECT of orders whose column `v` a feature uses.
  private func codes(_ project: TestProject, _ select: String, reason: Bool = false) async throws
    -> [String]
  {
    let source =
      select.hasPrefix("shop.") ? "table: \(select)" : "sql: \"\(select)\""
    try project.write(
      stages: """
          users: { extract: { from: shop, table: shop.users, key: user_id, time: signed_up_at } }
          rows:
            extract:
              from: shop
              \(source)
              key: order_id
              time: ordered_at
              \(reason ? "point_in_time: each row looks back only" : "")
          cleaned: { clean: { input: rows, steps: [ { set: { w: v + 1 } } ] } }
          habits: { features: { entity: users.user_id, from: { cleaned: { ever: { x: max(w) } } } } }
        """)
    return try await project.check().diagnostics.map(\.code.rawValue)
  }

  private static let o = "SELECT o.order_id, o.user_id, o.ordered_at"
  private static let next = "n.user_id = o.user_id AND n.ordered_at > o.ordered_at"

  private static let dependent = [
    "\(o), (SELECT max(n.stock) FROM shop.orders n WHERE n.user_id = o.user_id) AS v FROM shop.orders o",
    "\(o), (SELECT n.stock FROM shop.orders n WHERE \(next) ORDER BY n.ordered_at LIMIT 1) AS v FROM shop.orders o",
    "\(o), EXISTS (SELECT FROM shop.orders n WHERE \(next))::int AS v FROM shop.orders o",
    "\(o), (o.user_id IN (SELECT user_id FROM shop.sends))::int AS v FROM shop.orders o",
    "SELECT DISTINCT ON (o.user_id) o.order_id, o.user_id, o.ordered_at, o.stock AS v FROM shop.orders o ORDER BY o.user_id, o.ordered_at DESC",
    "\(o), row_number() OVER (PARTITION BY user_id ORDER BY ordered_at DESC) AS v FROM shop.orders o",
    "\(o), l.v FROM shop.orders o, LATERAL (SELECT n.stock AS v FROM shop.orders n WHERE \(next) ORDER BY n.ordered_at LIMIT 1) l",
    "\(o), stock AS v FROM shop.orders o WHERE EXISTS (SELECT FROM shop.orders n WHERE \(next))",
    "\(o), stock AS v FROM shop.orders o WHERE NOT EXISTS (SELECT FROM shop.orders n WHERE \(next))",
    "\(o), stock AS v FROM shop.orders o WHERE o.user_id IN (SELECT user_id FROM shop.sends)",
    "\(o), stock AS v FROM shop.orders o WHERE o.user_id NOT IN (SELECT user_id FROM shop.sends)",
    "\(o), stock AS v FROM shop.orders o WHERE o.stock > (SELECT avg(stock) FROM shop.orders)",
    "\(o), stock AS v FROM shop.orders o ORDER BY stock LIMIT 100",
    "\(o), stock AS v FROM shop.orders o INTERSECT \(o), stock FROM shop.orders o",
    "WITH t AS MATERIALIZED (SELECT user_id, sum(stock) AS s FROM shop.orders GROUP BY 1) \(o), t.s AS v FROM shop.orders o JOIN t USING (user_id)",
    "SELECT max(order_id) AS order_id, user_id, min(ordered_at) AS ordered_at, 1 AS v FROM shop.orders GROUP BY user_id HAVING count(*) > 3",
    "\(o), extract(epoch FROM :as_of - ordered_at)::int8 AS v FROM shop.orders o",
    "\(o), stock AS v FROM shop.orders o WHERE updated_at < :as_of",
    "\(o), stock AS v FROM shop.orders o TABLESAMPLE SYSTEM (50)",
    "shop.more_totals", "shop.kept",
    "SELECT order_id, user_id, ordered_at, total AS v FROM shop.totals",
  ]

  private static let independent = [
    "\(o), o.stock * 2 AS v FROM shop.orders o",
    "\(o), o.stock AS v FROM shop.orders o JOIN shop.users u USING (user_id) WHERE u.may_mail",
    "\(o), s.v FROM shop.orders o LEFT JOIN shop.states s ON s.state_id = o.stock",
    "\(o), (SELECT s.v FROM shop.states s WHERE s.state_id = o.stock) AS v FROM shop.orders o",
    "\(o), stock AS v FROM shop.orders o WHERE ordered_at < :as_of",
    "\(o), stock AS v FROM shop.orders o WHERE ordered_at >= :as_of - interval '2 years' AND ordered_at < :as_of AND stock > 0",
    "\(o), stock AS v FROM shop.orders o UNION ALL \(o), 1 FROM shop.orders o",
    "WITH t AS MATERIALIZED (SELECT * FROM shop.orders) SELECT order_id, user_id, ordered_at, stock AS v FROM t ORDER BY 1",
    "\(o), stock AS v FROM shop.orders o WHERE o.user_id = ANY (ARRAY[1, 2, 3])",
    "shop.totals", "shop.plain",
  ]

  @Test func `values and rows that depend on others are refused without a reason`() async throws {
    try await withProject { project in
      try await project.sql(SmallShop.schema + Self.views)
      for select in Self.dependent {
        let found = try await codes(project, select)
        #expect(found.contains("R0521"), "\(select): \(found)")
        #expect(try await codes(project, select, reason: true).contains("R0521") == false)
      }
      for select in Self.independent {
        let found = try await codes(project, select)
        #expect(!found.contains("R0521"), "\(select): \(found)")
      }
    }
  }

  @Test
  func `entities that are chosen by others are refused too, those of their first row are not`()
    async throws
  {
    try await withProject { project in
      try await project.sql(SmallShop.schema)
      func codes(_ select: String) async throws -> [String] {
        try project.write(
          stages: """
              users: { extract: { from: shop, sql: "\(select)", key: user_id, time: since } }
              orders: { extract: { from: shop, table: shop.orders, key: order_id, time: ordered_at } }
              habits: { features: { entity: users.user_id, from: { orders: { ever: { n: count(*) } } } } }
            """)
        return try await project.check().diagnostics.map(\.code.rawValue)
      }
      let first = "SELECT user_id, min(ordered_at) AS since FROM shop.orders GROUP BY 1"
      #expect(try await codes(first) == [])
      #expect(try await codes("\(first) HAVING count(*) > 1") == ["R0521"])
    }
  }
}
