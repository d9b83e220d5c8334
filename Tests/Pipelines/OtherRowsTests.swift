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
    CREATE INDEX ON shop.orders (order_id, user_id, ordered_at, stock);
    CREATE TABLE shop.states (state_id int PRIMARY KEY, v int8);
    CREATE MATERIALIZED VIEW shop.latest AS
      SELECT max(order_id) AS order_id, user_id, max(ordered_at) AS ordered_at, 1::int8 AS v
      FROM shop.orders GROUP BY user_id;
    CREATE VIEW shop.of_latest AS SELECT order_id, user_id, ordered_at, 1::int8 AS v FROM shop.latest;
    CREATE MATERIALIZED VIEW shop.kept_again AS SELECT * FROM shop.kept;
    CREATE VIEW shop.of_kept_again AS SELECT order_id, user_id, ordered_at, v FROM shop.kept_again;
    CREATE TABLE shop.parts (LIKE shop.orders) PARTITION BY RANGE (ordered_at);
    CREATE TABLE shop.early PARTITION OF shop.parts FOR VALUES FROM (MINVALUE) TO ('2026-01-01');
    CREATE TABLE shop.late PARTITION OF shop.parts FOR VALUES FROM ('2026-01-01') TO (MAXVALUE);
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

  private static let buyers =
    "SELECT %u.user_id AS order_id, u.user_id, u.signed_up_at AS ordered_at, 1::int8 AS v FROM shop.users u JOIN shop.orders o USING (user_id)"

  private static let dependent = [
    buyers.replacing("%", with: "DISTINCT "),
    buyers.replacing("%", with: "") + " GROUP BY u.user_id, u.signed_up_at",
    buyers.replacing("%", with: "") + " UNION " + buyers.replacing("%", with: ""),
    "shop.kept_again", "shop.of_kept_again",
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

  private static let latest =
    "SELECT user_id, max(ordered_at) AS t FROM shop.orders GROUP BY user_id"
  private static let byLast = "OVER (PARTITION BY user_id ORDER BY ordered_at DESC)"
  private static func windowed(_ value: String, where condition: String) -> String {
    "SELECT order_id, user_id, ordered_at, v FROM (SELECT order_id, user_id, ordered_at, stock AS v, "
      + "\(value) AS w FROM shop.orders) x WHERE \(condition)"
  }

  /// How people write "the latest row", and the like.
  private static let chosen = [
    windowed("row_number() \(byLast)", where: "w = 1"),
    windowed("rank() \(byLast)", where: "w < 3"),
    windowed(
      "lead(ordered_at) OVER (PARTITION BY user_id ORDER BY ordered_at)", where: "w IS NULL"),
    windowed("count(*) OVER (PARTITION BY user_id)", where: "w > 6"),
    windowed("max(ordered_at) OVER (PARTITION BY user_id)", where: "w = ordered_at"),
    "WITH x AS MATERIALIZED (SELECT *, row_number() \(byLast) AS w FROM shop.orders) SELECT order_id, user_id, ordered_at, stock AS v FROM x WHERE w = 1",
    "\(o), stock AS v FROM shop.orders o JOIN (\(latest)) l ON l.user_id = o.user_id AND l.t = o.ordered_at",
    "\(o), stock AS v FROM shop.orders o LEFT JOIN (\(latest)) l ON l.user_id = o.user_id AND l.t = o.ordered_at WHERE l.t IS NULL",
    "WITH l AS MATERIALIZED (\(latest)) \(o), stock AS v FROM shop.orders o JOIN l ON l.user_id = o.user_id AND l.t = o.ordered_at",
    "\(o), stock AS v FROM shop.orders o CROSS JOIN (SELECT max(ordered_at) AS t FROM shop.orders) l WHERE o.ordered_at < l.t - interval '1 day'",
    "\(o), a.stock AS v FROM shop.orders o JOIN shop.orders a ON a.user_id = o.user_id JOIN (\(latest)) l ON l.user_id = a.user_id AND l.t = a.ordered_at",
    "\(o), a.v FROM shop.orders o LEFT JOIN (SELECT user_id, stock AS v, row_number() \(byLast) AS w FROM shop.orders) a ON a.user_id = o.user_id AND a.w = 1",
    "\(o), o.stock AS v FROM shop.orders o LEFT JOIN shop.orders n ON \(next) WHERE n.order_id IS NULL",
    "\(o), o.stock AS v FROM shop.orders o LEFT JOIN shop.sends n ON n.user_id = o.user_id WHERE coalesce(n.send_id, 0) = 0",
    "\(o), o.stock AS v FROM shop.orders o JOIN shop.orders n ON \(next)",
    "SELECT o.order_id, o.user_id, o.ordered_at, o.stock AS v FROM shop.parts o JOIN shop.parts n ON \(next)",
    "SELECT unnest(array_agg(order_id)) AS order_id, user_id, min(ordered_at) AS ordered_at, 1 AS v FROM shop.orders GROUP BY user_id",
    "SELECT (array_agg(order_id ORDER BY ordered_at DESC))[1] AS order_id, user_id, max(ordered_at) AS ordered_at, 1 AS v FROM shop.orders GROUP BY user_id",
    "SELECT order_id, user_id, min(ordered_at) OVER (PARTITION BY user_id) AS ordered_at, stock AS v FROM shop.orders",
    "SELECT order_id, user_id, (SELECT max(ordered_at) FROM shop.orders) AS ordered_at, stock AS v FROM shop.orders",
    "SELECT max(order_id) AS order_id, user_id, max(ordered_at) AS ordered_at, 1 AS v FROM shop.orders GROUP BY user_id UNION ALL SELECT user_id, user_id, signed_up_at, 2 FROM shop.users",
    "shop.latest", "shop.of_latest",
    "\(o), extract(epoch FROM (:as_of AT TIME ZONE 'UTC') - ordered_at::timestamp)::int8 AS v FROM shop.orders o",
    "\(o), stock AS v FROM shop.orders o WHERE (:as_of AT TIME ZONE 'UTC') > updated_at::timestamp",
    "\(o), stock AS v FROM shop.orders o WHERE ordered_at < :as_of - interval '60 days' OR order_id % 2 = 0",
    "\(o), stock AS v FROM shop.orders o WHERE ordered_at < :as_of - stock * interval '1 day'",
  ]

  private static let independent = [
    "SELECT DISTINCT order_id, user_id, ordered_at, stock AS v FROM shop.orders",
    "\(o), stock AS v FROM shop.orders o WHERE (:as_of AT TIME ZONE 'UTC') AT TIME ZONE 'UTC' > ordered_at AND (stock > 1 OR user_id > 2)",
    "\(o), stock AS v FROM shop.orders o WHERE (ordered_at AT TIME ZONE 'UTC') < (:as_of AT TIME ZONE 'UTC')",
    "\(o), o.stock AS v, coalesce(t.n, 0) AS n FROM shop.orders o LEFT JOIN (SELECT user_id, count(*) AS n FROM shop.orders GROUP BY 1) t USING (user_id)",
    windowed("row_number() \(byLast)", where: "ordered_at < :as_of"),
    windowed("row_number() \(byLast)", where: "user_id < 100 AND v > 3"),
    "\(o), l.v FROM shop.orders o, LATERAL (SELECT n.stock * 2 AS v FROM shop.orders n WHERE n.order_id = o.order_id) l",
    "\(o), o.stock AS v FROM shop.orders o LEFT JOIN shop.orders p ON p.order_id = o.stock",
    "SELECT order_id, user_id, ordered_at, stock AS v FROM shop.parts WHERE ordered_at < :as_of",
    "SELECT o.order_id, o.user_id, o.ordered_at, o.stock AS v FROM shop.parts o JOIN shop.users u USING (user_id)",
    "SELECT min(order_id) AS order_id, user_id, min(ordered_at) AS ordered_at, user_id AS v FROM shop.orders GROUP BY user_id",
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
      for select in Self.dependent + Self.chosen {
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

  /// What checking says where features use a stage `z` that is made of orders and of `x`, a SELECT.
  private func behind(
    _ project: TestProject, _ select: String, _ stages: String, reason: Bool = false
  ) async throws -> [String] {
    try project.write(
      stages: """
          users: { extract: { from: shop, table: shop.users, key: user_id, time: signed_up_at } }
          orders: { extract: { from: shop, table: shop.orders, key: order_id, time: ordered_at } }
          x:
            extract:
              from: shop
              sql: "\(select)"
              key: order_id
              time: ordered_at
              \(reason ? "point_in_time: each row looks back only" : "")
          \(stages)
          habits: { features: { entity: users.user_id, from: { z: { ever: { n: count(*) } } } } }
        """)
    return try await project.check().diagnostics.map(\.code.rawValue)
  }

  @Test func `what an extract depends on is carried through other stages`() async throws {
    let last =
      "SELECT DISTINCT ON (user_id) order_id, user_id, ordered_at FROM shop.orders ORDER BY user_id, ordered_at DESC"
    let ranked =
      "SELECT order_id, user_id, ordered_at, city, row_number() \(Self.byLast) AS w FROM shop.orders"
    func join(_ keys: String) -> String {
      "{ join: { left: orders, right: x, on: [order_id], columns: { user_id: u2 }, \(keys) } }"
    }
    func clean(_ step: String, of input: String = "x") -> String {
      "{ clean: { input: \(input), steps: [ \(step) ] } }"
    }
    let chosen = [
      (ranked, "z: \(clean("{ reject: { where: 'w > 1', reason: old } }"))"),
      (
        ranked,
        "z: \(clean("{ set: { last: w = 1 } }, { reject: { where: not last, reason: old } }"))"
      ),
      (ranked, "z: \(clean("{ deduplicate: { by: user_id, order: w } }"))"),
      (ranked, "z: \(clean("{ deduplicate: { by: w } }"))"),
      (last, "z: \(join("type: inner"))"),
      (
        last,
        """
        y: \(join("type: left"))
          z: \(clean("{ reject: { where: u2 is null, reason: old } }", of: "y"))
        """
      ),
      (
        ranked,
        """
        y: \(clean("{ reject: { where: 'w > 1', reason: old } }"))
          z: { join: { left: orders, right: y, type: inner, on: [order_id], columns: { user_id: u2 } } }
        """
      ),
      (
        last,
        "z: { join: { left: orders, right: x, on: user_id, many: true, columns: { order_id: o2 } } }"
      ),
      (
        "SELECT max(order_id) AS order_id, user_id, min(ordered_at) AS ordered_at FROM shop.orders GROUP BY user_id",
        "z: \(join("type: inner"))"
      ),
    ]
    let kept = [
      (ranked, "z: \(clean("{ reject: { where: city is null, reason: nowhere } }"))"),
      (ranked, "z: \(clean("{ deduplicate: { by: user_id } }"))"),
      (ranked, "z: \(join("type: inner"))"),
      (last, "z: \(join("type: left"))"),
    ]
    try await withProject { project in
      try await project.sql(SmallShop.schema)
      for (select, stages) in chosen {
        let found = try await behind(project, select, stages)
        #expect(found.contains("R0521"), "\(stages): \(found)")
        let why = try await behind(project, select, stages, reason: true)
        #expect(why.isEmpty, "\(stages): \(why)")
      }
      for (select, stages) in kept {
        let found = try await behind(project, select, stages)
        #expect(found.isEmpty, "\(stages): \(found)")
      }
    }
  }

  @Test func `a plan too deep to be read is refused`() async throws {
    var select =
      "SELECT DISTINCT ON (user_id) order_id, user_id, ordered_at FROM shop.orders ORDER BY user_id, ordered_at DESC"
    for depth in 1...255 {
      select = "SELECT * FROM (\(select) LIMIT \(9_000_000 - depth)) x\(depth)"
    }
    try await withProject { project in
      try await project.sql(SmallShop.schema)
      let stages = "z: { clean: { input: x, steps: [] } }"
      #expect(try await behind(project, select, stages) == ["R0521"])
      #expect(try await behind(project, select, stages, reason: true) == [])
    }
  }
}
